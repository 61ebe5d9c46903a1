using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Memory;

namespace Gaia.ServiceDefaults.Caching;

/// <summary>
/// A bounded memory cache in front of Redis. Redis makes it shared and may vanish at any time: then each process answers
/// from its memory, or from the source. An entry lives in memory no longer than in Redis.
/// </summary>
public sealed class TwoLevelCache : IDisposable
{
    private const int MaxEntries = 50_000;

    private readonly MemoryCache _memory;
    private readonly RedisStore _redis;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Lazy<Task>> _loading = new(StringComparer.Ordinal);
    private long _removals;

    internal TwoLevelCache(RedisStore redis, TimeProvider time)
    {
        _redis = redis;
        _time = time;
        _memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = MaxEntries, CompactionPercentage = 0.1 });
    }

    /// <summary>A look at this process's memory alone: no I/O, no allocation.</summary>
    public bool TryGetLocal<T>(string key, out T? value) where T : class
    {
        value = _memory.TryGetValue(key, out var found) ? found as T : null;
        return value is not null;
    }

    /// <summary>
    /// The value under <paramref name="key"/> from memory or Redis where it is fresh, otherwise from <paramref name="renew"/>, which
    /// runs once for all who ask at the same time. It may return the old value again when its source does not answer, or null to
    /// drop it; what it returns is kept for the time it says.
    /// </summary>
    /// <param name="key">The whole key, as in Redis.</param>
    /// <param name="type">How the value is written in Redis.</param>
    /// <param name="isFresh">Whether a value may be used without asking its source.</param>
    /// <param name="renew">Gets the value from where it truly is; receives the one that is no longer fresh, if any.</param>
    /// <param name="cancellationToken">Ends this caller's wait, not a renewal that others share.</param>
    public async ValueTask<T?> GetOrRenewAsync<T>(
        string key,
        JsonTypeInfo<T> type,
        Func<T, bool> isFresh,
        Func<T?, CancellationToken, Task<(T? Value, TimeSpan Lifetime)>> renew,
        CancellationToken cancellationToken) where T : class
    {
        if (TryGetLocal<T>(key, out var local) && isFresh(local!))
            return local;

        // Lazy, because the table may make a value for each of several callers and keep one.
        Lazy<Task> own = null!;
        own = new Lazy<Task>(() => RenewAsync(key, type, isFresh, renew, own));
        return await ((Task<T?>)_loading.GetOrAdd(key, own).Value).WaitAsync(cancellationToken);
    }

    /// <summary>Keeps <paramref name="value"/> for <paramref name="lifetime"/> in memory and Redis.</summary>
    public async Task SetAsync<T>(string key, T value, JsonTypeInfo<T> type, TimeSpan lifetime) where T : class
    {
        SetLocal(key, value, lifetime);
        await _redis.SetAsync(key, Envelope(value, type, lifetime), lifetime);
    }

    /// <summary>Forgets the entry in this process and in Redis. Other processes hear of it by an event or by its lifetime.</summary>
    public async Task RemoveAsync(string key)
    {
        RemoveLocal(key);
        await _redis.DeleteAsync(key);
        // Who asked in between may have found it in Redis still.
        RemoveLocal(key);
    }

    /// <summary>Forgets the entry in this process.</summary>
    public void RemoveLocal(string key)
    {
        // A load that began before may still bring the old value: it must not keep it, and whoever asks now starts anew.
        Interlocked.Increment(ref _removals);
        _loading.TryRemove(key, out _);
        _memory.Remove(key);
    }

    public void Dispose() => _memory.Dispose();

    private async Task<T?> RenewAsync<T>(
        string key,
        JsonTypeInfo<T> type,
        Func<T, bool> isFresh,
        Func<T?, CancellationToken, Task<(T? Value, TimeSpan Lifetime)>> renew,
        Lazy<Task> self) where T : class
    {
        var removals = Interlocked.Read(ref _removals);
        try
        {
            // Whoever asks just after a renewal finds its result here.
            if (TryGetLocal<T>(key, out var known) && isFresh(known!))
                return known;

            if (await _redis.GetAsync(key) is { } stored && Open(stored, type) is var (kept, left) && kept is not null && left > TimeSpan.Zero)
            {
                if (isFresh(kept))
                {
                    if (removals == Interlocked.Read(ref _removals))
                        SetLocal(key, kept, left);
                    if (removals != Interlocked.Read(ref _removals))
                        _memory.Remove(key);
                    return kept;
                }

                known ??= kept;
            }

            var (value, lifetime) = await renew(known, CancellationToken.None);
            if (value is null && known is not null)
                await RemoveAsync(key);
            else if (value is not null && lifetime > TimeSpan.Zero && removals == Interlocked.Read(ref _removals))
            {
                await SetAsync(key, value, type, lifetime);
                // Removed while it was on its way: it must not stay.
                if (removals != Interlocked.Read(ref _removals))
                {
                    _memory.Remove(key);
                    await _redis.DeleteAsync(key);
                }
            }

            return value;
        }
        finally
        {
            _loading.TryRemove(KeyValuePair.Create(key, self));
        }
    }

    private void SetLocal(string key, object value, TimeSpan lifetime) =>
        _memory.Set(key, value, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = lifetime, Size = 1 });

    /// <summary>Milliseconds since 1970 at which the entry ends, a space, the JSON: a second process must not keep it longer than the first.</summary>
    private string Envelope<T>(T value, JsonTypeInfo<T> type, TimeSpan lifetime) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(_time.GetUtcNow() + lifetime).ToUnixTimeMilliseconds()} {JsonSerializer.Serialize(value, type)}");

    private (T? Value, TimeSpan Left) Open<T>(string stored, JsonTypeInfo<T> type) where T : class
    {
        var space = stored.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !long.TryParse(stored.AsSpan(0, space), out var end))
            return default;
        try
        {
            return (JsonSerializer.Deserialize(stored.AsSpan(space + 1), type), DateTimeOffset.FromUnixTimeMilliseconds(end) - _time.GetUtcNow());
        }
        catch (JsonException)
        {
            // Written by another version: as good as absent.
            return default;
        }
    }
}
