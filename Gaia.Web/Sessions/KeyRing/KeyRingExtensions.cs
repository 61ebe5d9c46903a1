using Gaia.ServiceDefaults.Health;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Gaia.Web.Sessions.KeyRing;

internal static class KeyRingExtensions
{
    /// <summary>Data Protection with one key ring for all replicas.</summary>
    internal static void AddKeyRing(this IServiceCollection services)
    {
        services.AddOptions<KeyRingOptions>()
            .Configure<IConfiguration>(static (options, configuration) => options.EncryptionKey = configuration[KeyRingOptions.EncryptionKeyName])
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeyRingOptions>, KeyRingOptions.Validator>();
        services.AddDataProtection().SetApplicationName("gaia-web");
        services.AddOptions<KeyManagementOptions>().Configure<IServiceScopeFactory, IOptions<KeyRingOptions>>(static (ring, scopes, options) =>
        {
            ring.XmlRepository = new PostgresKeyRepository(scopes);
            ring.XmlEncryptor = options.Value.DeriveKey() is { } key ? new KeyRingEncryptor(key) : null;
        });
        services.AddSingleton<KeyRingSetup>();
        services.AddHostedService(static provider => provider.GetRequiredService<KeyRingSetup>());
        services.AddHealthChecks().AddCheck<KeyRingSetup>("key-ring", tags: [HealthTags.Ready]);
    }
}
