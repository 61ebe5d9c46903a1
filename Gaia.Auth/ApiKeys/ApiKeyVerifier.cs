using Gaia.Auth.Supabase;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.ApiKeys;

/// <summary>A key that counts, and its owner.</summary>
/// <param name="Hash">SHA-256 of the key.</param>
/// <param name="Email">Null when it is not known.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="RateLimit">Its own limit, where it has one.</param>
public sealed record VerifiedApiKey(
    Guid KeyId, string Hash, Guid UserId, string? Email, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt, RateLimit? RateLimit);

/// <summary>
/// Decides whether an API key counts: by its form alone, or with one query by its hash. With users at Supabase a key of a legacy
/// form is looked up there and only there (before or after here, with both); Gaia's own keys and those that come with the
/// deployment are always here.
/// </summary>
internal sealed partial class ApiKeyVerifier(
    AuthDbContext db,
    KeyUsage usage,
    SupabaseKeyLookup supabase,
    IHostEnvironment environment,
    IOptions<IdentityOptions> options,
    IOptions<AccountOptions> accounts,
    TimeProvider time,
    ILogger<ApiKeyVerifier> logger)
{
    private static readonly Func<AuthDbContext, string, CancellationToken, Task<Found?>> Find = EF.CompileAsyncQuery(
        static (AuthDbContext db, string hash, CancellationToken cancellationToken) => db.ApiKeys
            .Where(key => key.KeyHash == hash)
            .Join(db.Users, key => key.UserId, user => user.Id, (key, user) => new Found(
                key.Id, user.Id, user.Email, key.Scopes, key.Permissions, key.IsActive, key.ExpiresAt, key.RateLimit))
            .SingleOrDefault());

    /// <returns>Null for a key that is unknown, inactive, expired or not accepted here.</returns>
    public async Task<VerifiedApiKey?> VerifyAsync(string key, CancellationToken cancellationToken)
    {
        if (!ApiKeyFormat.IsAccepted(key) && key != options.Value.OperatorKey)
            return null;

        var isAlwaysHere = key == options.Value.OperatorKey || key.StartsWith(ApiKeyFormat.Prefix, StringComparison.Ordinal);
        return await VerifyAsync(Credential.Hash(key), isAlwaysHere, cancellationToken);
    }

    /// <summary>The same for a key that was verified before and of which only the hash is left.</summary>
    public async Task<VerifiedApiKey?> VerifyHashAsync(string hash, CancellationToken cancellationToken)
    {
        // Only Gaia's own keys have a prefix on record.
        var isAlwaysHere = accounts.Value.ChosenBackend == AuthBackend.Postgresql
            || (options.Value.OperatorKey is { } key && Credential.Hash(key) == hash)
            || await db.ApiKeys.AnyAsync(row => row.KeyHash == hash && row.KeyPrefix != null, cancellationToken);
        return await VerifyAsync(hash, isAlwaysHere, cancellationToken);
    }

    private async Task<VerifiedApiKey?> VerifyAsync(string hash, bool isAlwaysHere, CancellationToken cancellationToken)
    {
        if (hash == DevelopmentKey.Hash && !environment.IsDevelopment())
        {
            LogDevelopmentKey();
            return null;
        }

        return (isAlwaysHere || hash == DevelopmentKey.Hash ? AuthBackend.Postgresql : accounts.Value.ChosenBackend) switch
        {
            AuthBackend.Supabase => await supabase.FindAsync(hash, cancellationToken),
            AuthBackend.Dual => await FindHereAsync(hash, cancellationToken) ?? await supabase.FindAsync(hash, cancellationToken),
            AuthBackend.Postgresql => await FindHereAsync(hash, cancellationToken),
        };
    }

    private async Task<VerifiedApiKey?> FindHereAsync(string hash, CancellationToken cancellationToken)
    {
        if (await Find(db, hash, cancellationToken) is not { } found)
            return null;
        var now = time.GetNaiveUtcNow();
        if (found.IsActive != true || found.ExpiresAt <= now)
        {
            LogNotCurrent(found.KeyId, found.IsActive != true ? "revoked" : "expired");
            return null;
        }

        usage.Record(found.KeyId, time.GetUtcNow());
        return new VerifiedApiKey(
            found.KeyId,
            hash,
            found.UserId,
            EmailAddress.Known(found.Email),
            KeyScopes.Of(found.Scopes, found.Permissions),
            found.ExpiresAt is { } end ? new DateTimeOffset(end, TimeSpan.Zero) : null,
            RateLimit.Parse(found.RateLimit));
    }

    [LoggerMessage(LogLevel.Warning, "The development key was presented outside Development and refused")]
    private partial void LogDevelopmentKey();

    [LoggerMessage(LogLevel.Information, "API key {KeyId} was presented and refused: it is {Reason}")]
    private partial void LogNotCurrent(Guid keyId, string reason);

    private sealed record Found(
        Guid KeyId, Guid UserId, string Email, string[]? Scopes, string? Permissions, bool? IsActive, DateTime? ExpiresAt, string? RateLimit);
}
