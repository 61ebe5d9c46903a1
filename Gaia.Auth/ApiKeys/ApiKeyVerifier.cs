using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.ApiKeys;

/// <summary>A key that counts, and its owner.</summary>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="RateLimit">Its own limit, where it has one.</param>
public sealed record VerifiedApiKey(
    Guid KeyId, Guid UserId, string Email, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt, RateLimit? RateLimit);

/// <summary>Decides whether an API key counts: by its form alone, or with one query by its hash.</summary>
public sealed partial class ApiKeyVerifier(
    AuthDbContext db,
    KeyUsage usage,
    IHostEnvironment environment,
    IOptions<IdentityOptions> options,
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

        var hash = Credential.Hash(key);
        if (hash == DevelopmentKey.Hash && !environment.IsDevelopment())
        {
            LogDevelopmentKey();
            return null;
        }

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
            found.UserId,
            found.Email,
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
