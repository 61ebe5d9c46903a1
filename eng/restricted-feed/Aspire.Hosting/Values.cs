using System.Text;

namespace Aspire.Hosting.ApplicationModel;

public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

public interface IManifestExpressionProvider { string ValueExpression { get; } }
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;
public interface IValueWithReferences { IEnumerable<object> References { get; } }

/// <summary>A text with values that are known only when the application runs.</summary>
public class ReferenceExpression : IExpressionValue
{
    private readonly IReadOnlyList<(object Part, string? Format)> _parts;
    private ReferenceExpression(IReadOnlyList<(object, string?)> parts) => _parts = parts;
    internal IReadOnlyList<IValueProvider> ValueProviders => [.. _parts.Select(part => part.Part).OfType<IValueProvider>()];
    public string ValueExpression => string.Concat(_parts.Select(part => part.Part is IManifestExpressionProvider value ? value.ValueExpression : part.Part));
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => new(handler.Parts);
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        foreach (var (part, format) in _parts)
        {
            var value = part is IValueProvider provider ? await provider.GetValueAsync(cancellationToken).ConfigureAwait(false) : (string)part;
            text.Append(format == "uri" ? Uri.EscapeDataString(value ?? "") : value);
        }
        return text.ToString();
    }
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        internal List<(object, string?)> Parts { get; } = new(literalLength > 0 ? formattedCount + 1 : formattedCount);
        public void AppendLiteral(string value) => Parts.Add((value, null));
        public void AppendFormatted(string? value, string? format = null) => Parts.Add((value ?? "", format));
        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, null);
        public void AppendFormatted<T>(T valueProvider, string? format = null) where T : IValueProvider, IManifestExpressionProvider => Parts.Add((valueProvider, format));
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider) where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider.Resource);
    }
}

public enum EndpointProperty { Url, Host, IPV4Host, Port, Scheme, TargetPort }

public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IExpressionValue
{
    public string ValueExpression => $"{{{Resource.Name}.bindings.{EndpointName}.url}}";
    public IResourceWithEndpoints Resource { get; } = owner;
    public string EndpointName { get; } = endpointName;
    public EndpointAnnotation EndpointAnnotation => Resource.Annotations.OfType<EndpointAnnotation>().Single(endpoint => endpoint.Name == EndpointName);
    public bool IsAllocated => EndpointAnnotation.Allocated.Task.IsCompletedSuccessfully;
    public int Port => IsAllocated ? EndpointAnnotation.Allocated.Task.Result : throw new InvalidOperationException($"The endpoint `{EndpointName}` is not allocated for the resource `{Resource.Name}`.");
    public string Url => $"{EndpointAnnotation.UriScheme}://localhost:{Port}";
    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => Property(EndpointProperty.Url).GetValueAsync(cancellationToken);
}

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue
{
    public string ValueExpression => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{Property.ToString().ToLowerInvariant()}}}";
    public EndpointReference Endpoint { get; } = endpointReference;
    public EndpointProperty Property { get; } = property;
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        if (Property == EndpointProperty.Scheme) return Endpoint.EndpointAnnotation.UriScheme;
        var port = await Endpoint.EndpointAnnotation.Allocated.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Property switch
        {
            EndpointProperty.Host => "localhost",
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.Url => $"{Endpoint.EndpointAnnotation.UriScheme}://localhost:{port}",
            _ => $"{port}",
        };
    }
}
