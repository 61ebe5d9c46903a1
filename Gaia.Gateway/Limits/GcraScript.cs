using StackExchange.Redis;

namespace Gaia.Gateway.Limits;

/// <summary>
/// The script that takes permits in Redis, from a bucket and its parent at once: as many as both have, at most as many as are
/// asked for. Redis's clock counts, not the replicas'. It returns the number granted and the debt of each bucket after it.
/// </summary>
public static class GcraScript
{
    /// <summary>
    /// ARGV: permits, then for each key its interval, its burst and the debt it has at least. A key holds the time at which its
    /// bucket is at rest, in microseconds since 1970, and ends then. Numbers are below 2^53, so Lua's are exact.
    /// </summary>
    public const string Text = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local granted = tonumber(ARGV[1])
        local debts = {}
        for i, key in ipairs(KEYS) do
            local interval, burst, least = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
            local rest = tonumber(redis.call('GET', key) or now) or now
            debts[i] = math.min(math.max(rest - now, least, 0), interval * burst)
            granted = math.min(granted, math.floor((interval * burst - debts[i]) / interval))
        end
        local answer = {granted}
        for i, key in ipairs(KEYS) do
            local debt = debts[i] + granted * tonumber(ARGV[3 * i - 1])
            if debt > 0 and (granted > 0 or tonumber(ARGV[3 * i + 1]) > 0) then
                redis.call('SET', key, string.format('%.0f', now + debt), 'PX', string.format('%.0f', math.ceil(debt / 1000)))
            end
            answer[i + 1] = debt
        end
        return answer
        """;

    /// <param name="buckets">The buckets, with the debt that each has at least.</param>
    public static Task<RedisResult> TakeAsync(IDatabaseAsync redis, int permits, params ReadOnlySpan<(Bucket Bucket, long LeastDebt)> buckets)
    {
        ArgumentNullException.ThrowIfNull(redis);
        var keys = new RedisKey[buckets.Length];
        var values = new RedisValue[1 + (3 * buckets.Length)];
        values[0] = permits;
        for (var i = 0; i < buckets.Length; i++)
        {
            var (bucket, leastDebt) = buckets[i];
            keys[i] = bucket.Name;
            values[(3 * i) + 1] = bucket.Rate.Interval;
            values[(3 * i) + 2] = bucket.Rate.Burst;
            values[(3 * i) + 3] = leastDebt;
        }

        return redis.ScriptEvaluateAsync(Text, keys, values);
    }
}
