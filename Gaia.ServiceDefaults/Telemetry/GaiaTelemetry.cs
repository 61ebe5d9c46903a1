using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gaia.ServiceDefaults.Telemetry;

/// <summary>Gaia's own trace source and meter. Everything else reports through the source of its library.</summary>
public static class GaiaTelemetry
{
    public const string Name = "Gaia";

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);
}
