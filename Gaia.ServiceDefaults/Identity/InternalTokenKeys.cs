using System.Collections.Frozen;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>
/// Auth's public keys. Fetched beside the start of the service and every few minutes after, at once for a key id not seen
/// before (a rotation); the keys known stay good while Auth is away.
/// </summary>
internal sealed partial class InternalTokenKeys(IAuthority auth, TimeProvider time, ILogger<InternalTokenKeys> logger) : BackgroundService
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>An invented key id must not make every request a fetch.</summary>
    private static readonly TimeSpan FetchAtMostEvery = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile FrozenDictionary<string, SecurityKey>? _keys;
    private DependencyUnavailableException? _outage;
    private long? _fetchedAt;
    private int _failures;

    /// <returns>The key, or null when Auth has no such key.</returns>
    /// <exception cref="DependencyUnavailableException">The key is not known here and Auth does not answer.</exception>
    public async ValueTask<SecurityKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_keys is { } known && known.TryGetValue(keyId, out var key))
            return key;

        await FetchAsync(FetchAtMostEvery, cancellationToken);
        if (_keys is { } fetched && fetched.TryGetValue(keyId, out key))
            return key;
        return _outage is null ? null : throw new DependencyUnavailableException(_outage.Dependency, _outage);
    }

    public override void Dispose()
    {
        base.Dispose();
        _fetching.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await FetchAsync(TimeSpan.Zero, stoppingToken);
            await Task.Delay(_keys is null ? RetryAfter : RefreshEvery, time, stoppingToken);
        }
    }

    private async Task FetchAsync(TimeSpan sinceLast, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_outage is null && _fetchedAt is { } at && time.GetElapsedTime(at) < sinceLast)
                return;
            var keys = await auth.GetKeysAsync(CancellationToken.None).WaitAsync(cancellationToken);
            _keys = keys.Keys.Where(key => key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve && !string.IsNullOrEmpty(key.Kid))
                .ToFrozenDictionary(key => key.Kid, SecurityKey (key) => key, StringComparer.Ordinal);
            _outage = null;
            _failures = 0;
            _fetchedAt = time.GetTimestamp();
        }
        catch (DependencyUnavailableException exception)
        {
            // Once may be a moment too early: everything starts at the same time.
            if (++_failures == 2)
                LogAway(exception.InnerException?.Message);
            _outage = exception;
        }
        finally
        {
            _fetching.Release();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Auth's public keys cannot be fetched for now: {Reason}")]
    private partial void LogAway(string? reason);
}
