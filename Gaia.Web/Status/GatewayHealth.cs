namespace Gaia.Web.Status;

/// <summary>What the page reads of the gateway's <c>GET /health</c> (contract 2.1). Everything may be missing.</summary>
internal sealed record GatewayHealth(
    string? Status,
    string? Version,
    IReadOnlyDictionary<string, GatewayHealth.Part?>? Services,
    GatewayHealth.Part? Database,
    GatewayHealth.Part? Redis,
    GatewayHealth.Part? Nats)
{
    /// <param name="ResponseTime">Seconds.</param>
    internal sealed record Part(string? Status, double? ResponseTime, string? Error);
}
