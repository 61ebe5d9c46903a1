namespace Gaia.Web.Admin;

/// <summary>The routes of the gateway that the administration uses.</summary>
internal static class AdminPaths
{
    public const string Users = "/api/v1/admin/users";
    public const string Roles = "/api/v1/admin/roles?limit=200";
    public const string Keys = "/api/v1/admin/keys";
    public const string Limits = "/api/v1/admin/limits";
    public const string Audit = "/api/v1/admin/audit";
    public const string Models = "/api/v1/models?status=all";
    public const string Providers = "/api/v1/providers";
    public const string ProviderHealth = "/api/v0.2/providers/health";
    public const string ProviderStats = "/api/v0.2/providers/stats";
    public const string Summary = "/api/v0.2/performance/summary";
    public const string ProviderPerformance = "/api/v0.2/performance/providers";
    public const string Stages = "/api/v0.2/performance/stages";
    public const string Live = "/api/v0.2/performance/live";
    public const string Health = "/api/v0.2/performance/health";
    public const string Reset = "/api/v0.2/performance/reset";
}
