using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}

/// <summary>A text with values that are known only when the application runs.</summary>
public class ReferenceExpression : IValueProvider, IManifestExpressionProvider
{
    private readonly string[] _formats;

    internal ReferenceExpression(string format, IReadOnlyList<IValueProvider> values, string[] formats)
        => (Format, ValueProviders, _formats) = (format, values, formats);

    public string Format { get; }

    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    public string ValueExpression
        => Fill([.. ValueProviders.Select(value => ((IManifestExpressionProvider)value).ValueExpression)]);

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.GetExpression();

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(cancellationToken).ConfigureAwait(false);
            values[i] = _formats[i] == "uri" ? Uri.EscapeDataString(value ?? "") : value;
        }

        return Fill(values);
    }

    private string Fill(object?[] values) => string.Format(CultureInfo.InvariantCulture, Format, values);

    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _format = new(literalLength);
        private readonly List<IValueProvider> _values = new(formattedCount);
        private readonly List<string> _formats = [];

        public readonly void AppendLiteral(string value) => _format.Append(value.Replace("{", "{{").Replace("}", "}}"));

        public readonly void AppendFormatted(string? value, string? format = null)
            => AppendLiteral(format == "uri" ? Uri.EscapeDataString(value ?? "") : value ?? "");

        public readonly void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider
        {
            _format.Append(CultureInfo.InvariantCulture, $"{{{_values.Count}}}");
            _values.Add(valueProvider);
            _formats.Add(format ?? "");
        }

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider
            => AppendFormatted(valueProvider.Resource, format);

        internal readonly ReferenceExpression GetExpression() => new(_format.ToString(), [.. _values], [.. _formats]);
    }
}

public enum EndpointProperty { Url, Host, IPV4Host, Port, Scheme, TargetPort, HostAndPort, TlsEnabled }

public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IValueProvider, IManifestExpressionProvider
{
    public IResourceWithEndpoints Resource { get; } = owner;

    public string EndpointName { get; } = endpointName;

    public EndpointAnnotation EndpointAnnotation
        => Find() ?? throw new InvalidOperationException($"The endpoint `{EndpointName}` is not defined for the resource `{Resource.Name}`.");

    public bool Exists => Find() is not null;

    public bool IsAllocated => Find()?.Allocated.Task.IsCompletedSuccessfully ?? false;

    public string Scheme => EndpointAnnotation.UriScheme;

    public string Host => IsAllocated ? "localhost" : throw NotAllocated();

    public int Port => IsAllocated ? EndpointAnnotation.Allocated.Task.Result : throw NotAllocated();

    public string Url => $"{Scheme}://{Host}:{Port}";

    string IManifestExpressionProvider.ValueExpression => Property(EndpointProperty.Url).ValueExpression;

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
        => Property(EndpointProperty.Url).GetValueAsync(cancellationToken);

    private EndpointAnnotation? Find() => Resource.Annotations.OfType<EndpointAnnotation>()
        .SingleOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase));

    private InvalidOperationException NotAllocated()
        => new($"The endpoint `{EndpointName}` is not allocated for the resource `{Resource.Name}`.");
}

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IValueProvider, IManifestExpressionProvider
{
    public EndpointReference Endpoint { get; } = endpointReference;

    public EndpointProperty Property { get; } = property;

    public string ValueExpression
    {
        get
        {
            string Binding(string name) => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{name}}}";
            return Property switch
            {
                EndpointProperty.HostAndPort => $"{Binding("host")}:{Binding("port")}",
                EndpointProperty.IPV4Host => Binding("host"),
                EndpointProperty.TargetPort => Binding("targetPort"),
                EndpointProperty.TlsEnabled => Binding("tlsEnabled"),
                _ => Binding(Property.ToString().ToLowerInvariant()),
            };
        }
    }

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        if (Property is EndpointProperty.Scheme or EndpointProperty.TlsEnabled)
            return Property is EndpointProperty.Scheme ? Endpoint.Scheme : bool.FalseString;

        var port = await Endpoint.EndpointAnnotation.Allocated.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Property switch
        {
            EndpointProperty.Host => "localhost",
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.HostAndPort => $"localhost:{port}",
            EndpointProperty.Url => $"{Endpoint.Scheme}://localhost:{port}",
            _ => port.ToString(CultureInfo.InvariantCulture),
        };
    }
}
