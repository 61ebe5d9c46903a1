using System.Security.Claims;
using Gaia.ServiceDefaults.Caching;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>
/// Turns a credential into a caller: an internal token by its signature, all else by an exchange at Auth that is remembered.
/// A remembered credential is confirmed again after <see cref="IdentityOptions.FreshFor"/>; while Auth is away it goes on
/// counting until its internal token ends.
/// </summary>
internal sealed partial class CredentialAuthenticator(
    TwoLevelCache cache,
    IAuthority auth,
    InternalTokenReader tokens,
    PermissionChanges changes,
    IOptions<IdentityOptions> options,
    TimeProvider time,
    ILogger<CredentialAuthenticator> logger) : IDisposable
{
    private const int MaxUnknown = 20_000;

    /// <summary>A token must outlive the request that it is handed to.</summary>
    private static readonly TimeSpan EndMargin = TimeSpan.FromSeconds(10);

    /// <summary>After an outage, how long remembered credentials are used without trying Auth: a trial may take seconds.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly IdentityOptions _options = options.Value;
    private readonly MemoryCache _unknown = new(new MemoryCacheOptions { SizeLimit = MaxUnknown, CompactionPercentage = 0.5 });
    private long _restUntilTicks;

    /// <returns>The caller, null for a credential that is refused.</returns>
    /// <exception cref="DependencyUnavailableException">Auth does not answer and nothing is remembered of the credential.</exception>
    public ValueTask<ClaimsPrincipal?> AuthenticateAsync(Credential credential, CancellationToken cancellationToken)
    {
        var hash = Credential.Hash(credential.Value);
        var key = Credential.CacheKey(credential.Kind, hash);
        if (Recall(credential, hash, key, out var principal) is Recollection.Good or Recollection.Refused)
            return new(principal);
        return credential.Kind == CredentialKind.Jwt && InternalTokenReader.ClaimsToBeInternal(credential.Value)
            ? ReadInternalAsync(credential, hash, key, cancellationToken)
            : ExchangeAsync(credential, key, cancellationToken);
    }

    /// <summary>What this process's memory says of a credential: no I/O, no signature.</summary>
    public Recollection Recall(Credential credential, out ClaimsPrincipal? principal)
    {
        var hash = Credential.Hash(credential.Value);
        return Recall(credential, hash, Credential.CacheKey(credential.Kind, hash), out principal);
    }

    /// <summary>Forgets what is known of the credentials with these hashes.</summary>
    public async Task ForgetAsync(IEnumerable<string> hashes)
    {
        foreach (var hash in hashes.Where(hash => hash.Length == 64))
        {
            await cache.RemoveAsync(Credential.CacheKey(CredentialKind.ApiKey, hash));
            await cache.RemoveAsync(Credential.CacheKey(CredentialKind.Jwt, hash));
        }
    }

    public void Dispose() => _unknown.Dispose();

    private Recollection Recall(Credential credential, string hash, string key, out ClaimsPrincipal? principal)
    {
        var known = cache.TryGetLocal<ExchangedCredential>(key, out var found) && IsUsable(found!) ? found : null;
        principal = known?.Principal;
        if (principal is not null && (IsFresh(known!) || time.GetUtcNow().UtcTicks < Volatile.Read(ref _restUntilTicks)))
            return Recollection.Good;
        if (_options.AcceptInternalTokens && credential.Kind == CredentialKind.Jwt && tokens.TryGetVerified(hash, out principal))
            return Recollection.Good;
        principal = null;
        return IsUnknown(key) ? Recollection.Refused : known is null ? Recollection.None : Recollection.Stale;
    }

    private async ValueTask<ClaimsPrincipal?> ReadInternalAsync(Credential credential, string hash, string key, CancellationToken cancellationToken)
    {
        var principal = _options.AcceptInternalTokens ? await tokens.ReadAndKeepAsync(credential.Value, hash, cancellationToken) : null;
        if (principal is null)
            RememberUnknown(key);
        return principal;
    }

    private async ValueTask<ClaimsPrincipal?> ExchangeAsync(Credential credential, string key, CancellationToken cancellationToken)
    {
        // Twice, because what Redis holds may be of keys that Auth no longer has.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var exchanged = await cache.GetOrRenewAsync(
                key,
                ExchangedCredentialJson.Default.ExchangedCredential,
                IsFresh,
                (known, cancellation) => RenewAsync(credential, key, known, cancellation),
                cancellationToken);
            if (exchanged is null)
                return null;
            if (exchanged.Principal is null && await tokens.ReadAsync(exchanged.InternalToken, cancellationToken) is { } principal)
                exchanged.Principal = principal;
            if (exchanged.Principal is not null)
                return exchanged.Principal;
            await cache.RemoveAsync(key);
        }

        LogNotVerifiable();
        throw new DependencyUnavailableException(AuthClient.Service);
    }

    private async Task<(ExchangedCredential? Value, TimeSpan Lifetime)> RenewAsync(
        Credential credential, string key, ExchangedCredential? known, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        try
        {
            // Refused a moment ago, while this caller was on its way here.
            if (IsUnknown(key))
                return default;

            var answer = await auth.ExchangeAsync(credential, cancellationToken);
            if (answer is { Valid: true, InternalToken: { } token, ExpiresAt: { } expiresAt })
            {
                Volatile.Write(ref _restUntilTicks, 0);
                var exchanged = new ExchangedCredential(answer.UserId ?? Guid.Empty, token, now, expiresAt);
                return (exchanged, expiresAt - EndMargin - now);
            }

            RememberUnknown(key);
            return default;
        }
        catch (DependencyUnavailableException exception) when (known is not null && IsUsable(known))
        {
            // From now, not from when the trial began: that took its time.
            Volatile.Write(ref _restUntilTicks, (time.GetUtcNow() + Rest).UtcTicks);
            LogRemembered(exception.InnerException?.Message);
            return (known, known.ExpiresAt - EndMargin - now);
        }
    }

    private bool IsFresh(ExchangedCredential known) =>
        time.GetUtcNow() - known.ValidatedAt < _options.FreshFor && IsUsable(known)
        // Its internal token names the user's roles.
        && changes.IsCurrent(known.UserId, known.ValidatedAt);

    private bool IsUsable(ExchangedCredential known) => time.GetUtcNow() < known.ExpiresAt - EndMargin;

    private bool IsUnknown(string key) => _unknown.TryGetValue(key, out var until) && until is DateTimeOffset end && time.GetUtcNow() < end;

    private void RememberUnknown(string key)
    {
        if (_options.UnknownFor > TimeSpan.Zero)
            _unknown.Set(key, time.GetUtcNow() + _options.UnknownFor, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = _options.UnknownFor, Size = 1 });
    }

    [LoggerMessage(LogLevel.Warning, "Auth does not answer; credentials that it confirmed before go on counting: {Reason}")]
    private partial void LogRemembered(string? reason);

    [LoggerMessage(LogLevel.Error, "Auth gave an internal token that its own keys do not verify")]
    private partial void LogNotVerifiable();
}

/// <summary>What is remembered of a credential.</summary>
internal enum Recollection
{
    None,

    /// <summary>It was good a while ago.</summary>
    Stale,

    Good,

    Refused,
}
