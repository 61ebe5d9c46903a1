using Microsoft.Extensions.Hosting;

namespace Gaia.ServiceDefaults;

/// <summary>The service this process is.</summary>
/// <param name="Name">Its name in the model and on the wire: <c>auth</c>, <c>chat</c>, <c>kb</c>…</param>
/// <param name="Version">The API version that health bodies and telemetry carry.</param>
public sealed record ServiceInfo(string Name, string Version)
{
    internal static ServiceInfo From(IHostEnvironment environment)
    {
        var name = environment.ApplicationName;
        return new ServiceInfo(name[(name.LastIndexOf('.') + 1)..].ToLowerInvariant(), "0.2");
    }
}
