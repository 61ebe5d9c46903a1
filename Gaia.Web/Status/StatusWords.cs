namespace Gaia.Web.Status;

/// <summary>States and times as a page says them.</summary>
internal static class StatusWords
{
    /// <summary>What the style sheet knows a state by.</summary>
    public static string Name(ComponentState state) => state switch
    {
        ComponentState.Healthy => "healthy",
        ComponentState.Unhealthy => "unhealthy",
        ComponentState.Unknown => "unknown",
    };

    public static string Word(ComponentState state) => state switch
    {
        ComponentState.Healthy => "Healthy",
        ComponentState.Unhealthy => "Down",
        ComponentState.Unknown => "Unknown",
    };

    public static string? Duration(TimeSpan? time) => time switch
    {
        null => null,
        { TotalMilliseconds: < 1 } => "Answers in under 1 ms",
        { TotalMilliseconds: < 999.5 } => $"Answers in {time.Value.TotalMilliseconds:0} ms",
        _ => $"Answers in {time.Value.TotalSeconds:0.0} s",
    };
}
