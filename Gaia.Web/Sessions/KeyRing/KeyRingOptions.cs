using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Gaia.Web.Sessions.KeyRing;

/// <summary>What seals the key ring in the database.</summary>
internal sealed class KeyRingOptions
{
    public const string EncryptionKeyName = "Gaia:EncryptionKey";

    private const int KeyLength = 32;

    /// <summary>32 bytes in base64; required outside Development.</summary>
    public string? EncryptionKey { get; set; }

    /// <summary>A key for this purpose alone; null when none was given.</summary>
    public byte[]? DeriveKey() => string.IsNullOrWhiteSpace(EncryptionKey)
        ? null
        : HKDF.DeriveKey(HashAlgorithmName.SHA256, Convert.FromBase64String(EncryptionKey), KeyLength, info: "gaia web key ring"u8.ToArray());

    internal sealed class Validator(IHostEnvironment environment) : IValidateOptions<KeyRingOptions>
    {
        public ValidateOptionsResult Validate(string? name, KeyRingOptions options)
        {
            if (string.IsNullOrWhiteSpace(options.EncryptionKey))
            {
                return environment.IsDevelopment()
                    ? ValidateOptionsResult.Success
                    : ValidateOptionsResult.Fail($"{EncryptionKeyName} is missing: give {KeyLength} random bytes in base64, for example from 'openssl rand -base64 {KeyLength}'.");
            }

            return Convert.TryFromBase64String(options.EncryptionKey, new byte[KeyLength], out var length) && length == KeyLength
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"{EncryptionKeyName} must be {KeyLength} bytes in base64.");
        }
    }
}
