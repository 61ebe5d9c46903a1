using Microsoft.Extensions.Options;

namespace Gaia.Auth;

/// <summary>Auth's own settings.</summary>
public sealed class AuthOptions
{
    public const string EncryptionKeyName = "Gaia:EncryptionKey";

    private const int EncryptionKeyLength = 32;
    private const int MinServiceKeyLength = 16;

    /// <summary>
    /// Seals the private signing keys in the database: 32 bytes in base64, required everywhere. A stack that the AppHost starts
    /// gets one made for it, so there is no reason for a default that everyone knows.
    /// </summary>
    public string? EncryptionKey { get; set; }

    /// <summary>How long an internal token lives.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a service token lives.</summary>
    public TimeSpan ServiceTokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The services that get a service token, by their names in the model, and the secret that each shows for it. Whoever is not
    /// listed is no service.
    /// </summary>
    public Dictionary<string, string> ServiceKeys { get; init; } = new(StringComparer.Ordinal);

    /// <summary>How long one key signs.</summary>
    public TimeSpan SigningKeyLifetime { get; set; } = TimeSpan.FromDays(30);

    internal byte[] EncryptionKeyBytes() => Convert.FromBase64String(EncryptionKey!);

    internal sealed class Validator : IValidateOptions<AuthOptions>
    {
        public ValidateOptionsResult Validate(string? name, AuthOptions options)
        {
            var result = new ValidateOptionsResultBuilder();
            var key = new byte[EncryptionKeyLength];
            if (string.IsNullOrWhiteSpace(options.EncryptionKey))
                result.AddError($"{EncryptionKeyName} is missing: give {EncryptionKeyLength} random bytes in base64, for example from 'openssl rand -base64 {EncryptionKeyLength}'.");
            else if (!Convert.TryFromBase64String(options.EncryptionKey, key, out var length) || length != EncryptionKeyLength)
                result.AddError($"{EncryptionKeyName} must be {EncryptionKeyLength} bytes in base64.");
            if (options.TokenLifetime < TimeSpan.FromSeconds(30) || options.TokenLifetime > TimeSpan.FromMinutes(15))
                result.AddError("Auth:TokenLifetime must be between 30 seconds and 15 minutes.");
            if (options.ServiceTokenLifetime < TimeSpan.FromSeconds(30) || options.ServiceTokenLifetime > TimeSpan.FromHours(1))
                result.AddError("Auth:ServiceTokenLifetime must be between 30 seconds and 1 hour.");
            foreach (var (service, secret) in options.ServiceKeys)
            {
                if (secret is not { Length: >= MinServiceKeyLength })
                    result.AddError($"Auth:ServiceKeys:{service} must have at least {MinServiceKeyLength} characters.");
            }

            if (options.SigningKeyLifetime < TimeSpan.FromHours(4))
                result.AddError("Auth:SigningKeyLifetime must be at least 4 hours.");
            return result.Build();
        }
    }
}
