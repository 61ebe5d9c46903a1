using System.Collections.Frozen;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Supabase;

/// <summary>
/// The project's public keys. Fetched beside the start and every ten minutes after, at once for a key id not seen before (a
/// rotation) but not for every invented one; those known stay good while the project does not answer.
/// </summary>
internal sealed partial class SupabaseKeys(GoTrueClient project, IOptions<SupabaseOptions> options, TimeProvider time, ILogger<SupabaseKeys> logger) : BackgroundService
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FetchAtMostEvery = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile FrozenDictionary<string, JsonWebKey>? _keys;
    private volatile DependencyUnavailableException? _outage;
    private long? _fetchedAt;

    /// <summary>Whether the last look at the project failed.</summary>
    public bool IsAway => _outage is not null;

    /// <returns>The key, or null when the project has no such key.</returns>
    /// <exception cref="DependencyUnavailableException">The key is not known here and the project does not answer.</exception>
    public async ValueTask<JsonWebKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_keys is { } known && known.TryGetValue(keyId, out var key))
            return key;
        await FetchAsync(RetryAfter, FetchAtMostEvery, cancellationToken);
        if (_keys is { } fetched && fetched.TryGetValue(keyId, out key))
            return key;
        return _outage is { } outage ? throw new DependencyUnavailableException(outage.Dependency, outage) : null;
    }

    public override void Dispose()
    {
        base.Dispose();
        _fetching.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Url is null)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            await FetchAsync(TimeSpan.Zero, TimeSpan.Zero, stoppingToken);
            await Task.Delay(_keys is null ? RetryAfter : RefreshEvery, time, stoppingToken);
        }
    }

    private async Task FetchAsync(TimeSpan sinceOutage, TimeSpan sinceSuccess, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_fetchedAt is { } at && time.GetElapsedTime(at) < (_outage is null ? sinceSuccess : sinceOutage))
                return;
            _keys = (await project.GetKeysAsync(cancellationToken)).Keys.Where(IsUsable).DistinctBy(key => key.Kid)
                .ToFrozenDictionary(key => key.Kid, StringComparer.Ordinal);
            _outage = null;
            _fetchedAt = time.GetTimestamp();
        }
        catch (DependencyUnavailableException exception)
        {
            if (_outage is null)
                LogAway(exception.InnerException?.Message);
            _outage = exception;
            _fetchedAt = time.GetTimestamp();
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>A public key that signs. A symmetric one has no business in a published document, and would let anybody sign.</summary>
    private static bool IsUsable(JsonWebKey key) =>
        !string.IsNullOrEmpty(key.Kid)
        && key.Use is null or "" or "sig"
        && (key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve || key.Kty == JsonWebAlgorithmsKeyTypes.RSA);

    [LoggerMessage(LogLevel.Warning, "The public keys of the Supabase project cannot be fetched for now: {Reason}")]
    private partial void LogAway(string? reason);
}
