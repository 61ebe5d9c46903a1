using System.Collections.Concurrent;
using System.Data.Common;
using System.Net;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.ApiKeys;

/// <summary>
/// When each key was last used and from where, written in batches beside the requests. A use from an address that is new for a
/// key is a security event. A crash may lose the last few seconds of it.
/// </summary>
public sealed partial class KeyUsage(IServiceScopeFactory scopes, TimeProvider time, ILogger<KeyUsage> logger) : BackgroundService
{
    private const int MaxRemembered = 100_000;
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(5);

    /// <summary>Of a use that Auth saw itself the address is not known: it came by way of a service.</summary>
    private static readonly IPAddress Unknown = IPAddress.None;

    private readonly ConcurrentDictionary<(Guid KeyId, IPAddress Address), DateTimeOffset> _used = new();

    public void Record(Guid keyId, DateTimeOffset at) => Record(new KeyUse(keyId, Unknown, at));

    public void Record(KeyUse use)
    {
        if (_used.Count < MaxRemembered)
            _used[(use.KeyId, use.Address)] = use.At;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(WriteEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        var batch = _used.ToArray();
        if (batch is [])
            return;

        Guid[] ids = [.. batch.Select(use => use.Key.KeyId)];
        DateTimeOffset[] times = [.. batch.Select(use => use.Value)];
        var known = batch.Where(use => !use.Key.Address.Equals(Unknown)).ToArray();
        Guid[] knownIds = [.. known.Select(use => use.Key.KeyId)];
        DateTimeOffset[] knownTimes = [.. known.Select(use => use.Value)];
        IPAddress[] addresses = [.. known.Select(use => use.Key.Address)];
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>().Database;
            await db.ExecuteSqlAsync($"""
                UPDATE api_keys SET last_used_at = used.at AT TIME ZONE 'utc'
                FROM (SELECT id, max(at) AS at FROM unnest({ids}, {times}) AS used (id, at) GROUP BY id) AS used
                WHERE api_keys.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at AT TIME ZONE 'utc')
                """);
            // The first address of a key is where it began, not somewhere new.
            await db.ExecuteSqlAsync($"""
                WITH seen AS (
                    INSERT INTO api_key_addresses AS known (key_id, address, first_used_at, last_used_at)
                    SELECT used.id, used.address, used.at, used.at
                    FROM unnest({knownIds}, {addresses}, {knownTimes}) AS used (id, address, at)
                    JOIN api_keys ON api_keys.id = used.id
                    ON CONFLICT (key_id, address) DO UPDATE SET last_used_at = greatest(known.last_used_at, excluded.last_used_at)
                    RETURNING key_id, address, first_used_at, xmax = 0 AS is_new
                )
                INSERT INTO permission_audit_log (event_type, actor_id, target_user_id, target_type, target_id, event_timestamp, ip_address)
                SELECT {AuditEvents.KeyUsedFromNewAddress}, api_keys.user_id::text, api_keys.user_id::text, 'api_key', api_keys.id::text,
                    seen.first_used_at AT TIME ZONE 'utc', seen.address
                FROM seen JOIN api_keys ON api_keys.id = seen.key_id
                WHERE seen.is_new AND EXISTS (SELECT 1 FROM api_key_addresses AS earlier WHERE earlier.key_id = seen.key_id)
                """);
            foreach (var use in batch)
                _used.TryRemove(use);
        }
        catch (Exception exception) when (exception is DbException || DatabaseOutage.Is(exception))
        {
            // Kept for the next round. Nothing of this is worth stopping the service for.
            LogLater(batch.Length, exception.GetBaseException().Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The last use of {Count} API keys is written later: {Reason}")]
    private partial void LogLater(int count, string reason);
}
