using System.Text.Json.Serialization.Metadata;
using Gaia.Auth.Access;
using Gaia.Auth.Admin;
using Gaia.Auth.ApiKeys;
using Gaia.Auth.Audit;
using Gaia.Auth.Internal;
using Gaia.Auth.Sessions;
using Gaia.Auth.Status;
using Gaia.Auth.Tokens;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Health;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Services;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.Extensions.Options;

namespace Gaia.Auth;

public static class AuthExtensions
{
    /// <summary>All replicas and the other services together stay below PostgreSQL's limit.</summary>
    private const int MaxConnections = 20;

    public static void AddAuth(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AuthOptions>()
            .BindConfiguration("Auth")
            .Configure<IConfiguration>(static (options, configuration) => options.EncryptionKey = configuration[AuthOptions.EncryptionKeyName])
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuthOptions>, AuthOptions.Validator>();
        builder.AddIdentity<OwnAuthority>();
        services.AddHttpContextAccessor();
        services.ConfigureHttpJsonOptions(static options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, JsonTypeInfoResolver.Combine(IdentityJson.Default, ServiceTokenJson.Default, KeyUsageJson.Default)));

        builder.AddApiDescription();
        builder.AddGaiaDatabase<AuthDbContext>(MaxConnections);
        services.AddSingleton<SecretBox>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<InternalTokenIssuer>();
        services.AddSingleton<ServiceTokenIssuer>();
        services.AddSingleton<Revocation>();
        services.AddSingleton<KeyUsage>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyUsage>());
        services.AddScoped<ApiKeyVerifier>();
        services.AddOptions<ApiKeyOptions>().BindConfiguration("Auth:Keys").ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<ApiKeyStore>();
        services.AddScoped<ApiKeyRotation>();
        services.AddSingleton<ApiKeyPolicy>();
        services.AddHostedService(provider => provider.GetRequiredService<ApiKeyPolicy>());
        services.AddScoped<ConfiguredKeys>();
        services.AddScoped<AuditLog>();
        services.AddScoped<CredentialExchange>();
        builder.AddUsers();
        services.AddScoped<AccessReader>();
        services.AddSingleton<AccessChanges>();
        services.AddSingleton<GrantCleanup>();
        services.AddHostedService(provider => provider.GetRequiredService<GrantCleanup>());
        services.AddOptions<AuditOptions>().BindConfiguration("Auth:Audit").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AuditRetention>();
        services.AddHostedService(provider => provider.GetRequiredService<AuditRetention>());
        services.AddAdministration();

        services.AddSingleton<AuthSetup>();
        services.AddHostedService(provider => provider.GetRequiredService<AuthSetup>());
        services.AddHealthChecks().AddCheck<AuthSetup>("keys", tags: [HealthTags.Ready]);
    }

    public static WebApplication MapAuth(this WebApplication app)
    {
        app.RefusePackedBodies();
        app.MapApiDescription();
        app.MapInternal();
        app.MapTokens();
        app.MapUsers();
        app.MapOwnUser();
        app.MapApiKeyLogin();
        app.MapStatus();
        app.MapAdministration();
        app.MapApiKeys();
        return app;
    }
}
