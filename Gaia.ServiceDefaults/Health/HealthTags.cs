namespace Gaia.ServiceDefaults.Health;

/// <summary>What a health check is about. Checks without <see cref="Ready"/> only inform.</summary>
public static class HealthTags
{
    public const string Ready = "ready";
    public const string Database = "database";
}
