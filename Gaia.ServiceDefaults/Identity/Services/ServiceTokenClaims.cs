namespace Gaia.ServiceDefaults.Identity.Services;

/// <summary>
/// The service token: an ES256 JWT of five minutes that Auth gives a service for its key. The claims <c>sub</c> and
/// <c>service</c> name the service; beside the registered ones there are <c>service_type</c> and <c>environment</c>
/// (contract section 4).
/// </summary>
public static class ServiceTokenClaims
{
    public const string Issuer = "gaia-auth-service";
    public const string Audience = "gaia-services";

    public const string Service = "service";
    public const string ServiceType = "service_type";
    public const string Environment = "environment";
}
