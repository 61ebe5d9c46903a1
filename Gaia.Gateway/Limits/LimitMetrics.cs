using System.Diagnostics.Metrics;
using Gaia.ServiceDefaults.Telemetry;

namespace Gaia.Gateway.Limits;

internal static class LimitMetrics
{
    private static readonly Counter<long> Limited =
        GaiaTelemetry.Meter.CreateCounter<long>("gaia.gateway.limited", "{request}", "Requests refused for a limit, by the kind of limit.");

    public static void Count(LimitKind kind) => Count(kind switch
    {
        LimitKind.Key => "key",
        LimitKind.User => "user",
        LimitKind.Address => "address",
        LimitKind.FailedAuthentication => "failed_authentication",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    });

    public static void CountStream() => Count("streams");

    private static void Count(string kind) => Limited.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
