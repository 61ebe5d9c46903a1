using System.Collections.Concurrent;
using System.Data.Common;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.ApiKeys;

/// <summary>
/// When each key was last used, written in batches beside the requests. As precise as the caches that stand before Auth, and a
/// crash may lose the last few seconds of it.
/// </summary>
public sealed partial class KeyUsage(IServiceScopeFactory scopes, TimeProvider time, ILogger<KeyUsage> logger) : BackgroundService
{
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _used = new();

    public void Record(Guid keyId, DateTimeOffset at) => _used[keyId] = at;

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
        KeyValuePair<Guid, DateTimeOffset>[] batch = [.. _used];
        if (batch is [])
            return;

        Guid[] ids = [.. batch.Select(use => use.Key)];
        DateTimeOffset[] times = [.. batch.Select(use => use.Value)];
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Database.ExecuteSqlAsync($"""
                UPDATE api_keys SET last_used_at = used.at AT TIME ZONE 'utc'
                FROM unnest({ids}, {times}) AS used (id, at)
                WHERE api_keys.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at AT TIME ZONE 'utc')
                """);
            foreach (var use in batch)
                _used.TryRemove(use);
        }
        catch (Exception exception) when (exception is DbException || DatabaseOutage.Is(exception))
        {
            // Kept for the next round; there are no more entries than keys. Nothing of this is worth stopping the service for.
            LogLater(batch.Length, exception.GetBaseException().Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The last use of {Count} API keys is written later: {Reason}")]
    private partial void LogLater(int count, string reason);
}
