using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.ServiceDefaults.Health;

/// <summary>A member of the body of <c>GET /health</c> that only this service has.</summary>
/// <param name="Name">As on the wire.</param>
/// <param name="Read">Its value now. Quick: it is read on every request.</param>
internal sealed record HealthDetail(string Name, Func<IServiceProvider, JsonElement> Read);

public static class HealthDetailExtensions
{
    /// <summary>Adds <paramref name="name"/> to the body of this service's <c>GET /health</c>.</summary>
    public static IServiceCollection AddHealthDetail(this IServiceCollection services, string name, Func<IServiceProvider, JsonElement> read) =>
        services.AddSingleton(new HealthDetail(name, read));
}
