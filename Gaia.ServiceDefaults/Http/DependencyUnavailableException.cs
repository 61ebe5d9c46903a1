namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// A part of Gaia that this request needs does not answer. Becomes a 503 with <c>Service {name} unavailable</c>:
/// an outage is never reported as a refused credential.
/// </summary>
public sealed class DependencyUnavailableException(string dependency, Exception? inner = null)
    : Exception($"Service {dependency} unavailable", inner)
{
    public string Dependency { get; } = dependency;
}
