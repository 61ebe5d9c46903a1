using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

public interface IResourceAnnotation;
public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

public interface IResource
{
    string Name { get; }
    ResourceAnnotationCollection Annotations { get; }
}

public interface IResourceWithoutLifetime : IResource;
public interface IResourceWithEnvironment : IResource;
public interface IResourceWithArgs : IResource;
public interface IResourceWithEndpoints : IResource;
public interface IResourceWithWaitSupport : IResource;

public interface IResourceWithConnectionString : IResource, IExpressionValue, IValueWithReferences
{
    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";
    IEnumerable<object> IValueWithReferences.References => [ConnectionStringExpression];
    ReferenceExpression ConnectionStringExpression { get; }
    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => ConnectionStringExpression.GetValueAsync(cancellationToken);
    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);
}

public abstract class Resource(string name) : IResource
{
    public virtual string Name { get; } = name;
    public virtual ResourceAnnotationCollection Annotations { get; } = [];
}
public class ProjectResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;
public class ExecutableResource(string name, string command, string workingDirectory) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    public string Command { get; } = command;
    public string WorkingDirectory { get; } = workingDirectory;
}

public class ContainerResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport;

/// <summary>What the real packages run as a container: it can be modelled here, to be published elsewhere, but not run.</summary>
public abstract class ContainerServer : ContainerResource, IResourceWithConnectionString
{
    internal ContainerServer(IDistributedApplicationBuilder builder, string name, string package) : base(name)
    {
        if (builder.ExecutionContext.IsRunMode) throw new NotSupportedException($"The container '{name}' needs the real package {package}.");
    }

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"");
}

public class ParameterResource : Resource, IResourceWithoutLifetime, IExpressionValue
{
    public string ValueExpression => $"{{{Name}.value}}";
    private readonly Lazy<string> _value;
    internal ParameterResource(string name, Func<string> callback, bool secret) : base(name) => (_value, Secret) = (new(callback), secret);
    public bool Secret { get; }
    internal string Value => _value.Value;
    /// <summary>Set while the application runs: a missing value is waited for, or refused, by whoever needs it.</summary>
    internal TaskCompletionSource<string>? Resolved { get; set; }
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
        => Resolved is null ? Value : await Resolved.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
}

public sealed class EndpointAnnotation : IResourceAnnotation
{
    internal EndpointAnnotation() { }
    public string Name { get; set; } = "";
    public string UriScheme { get; set; } = "";
    public int? Port { get; set; }
    public bool IsProxied { get; set; } = true;
    public bool IsExternal { get; set; }

    /// <summary>The port that clients use and, as there is no proxy here, that the process listens on.</summary>
    internal TaskCompletionSource<int> Allocated { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

public enum WaitBehavior { WaitOnResourceUnavailable, StopOnResourceUnavailable }
internal enum WaitType { WaitUntilHealthy, WaitForCompletion, WaitUntilStarted }
internal sealed record WaitAnnotation(IResource Resource, WaitType Type, WaitBehavior? Behavior, int ExitCode) : IResourceAnnotation;
internal sealed record HealthCheckAnnotation(string Key) : IResourceAnnotation;
internal sealed record EnvironmentAnnotation(Func<Dictionary<string, object>, Task> Callback) : IResourceAnnotation;
internal sealed record ArgsAnnotation(IReadOnlyList<string> Args) : IResourceAnnotation;

public interface IResourceBuilder<out T> where T : IResource
{
    IDistributedApplicationBuilder ApplicationBuilder { get; }
    T Resource { get; }
}

internal sealed record ResourceBuilder<T>(IDistributedApplicationBuilder ApplicationBuilder, T Resource) : IResourceBuilder<T> where T : IResource;

public interface IResourceCollection : IList<IResource>;
internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection;

public class DistributedApplicationModel(IResourceCollection resources)
{
    public IResourceCollection Resources { get; } = resources;
}
