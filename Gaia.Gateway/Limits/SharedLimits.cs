using Gaia.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Gaia.Gateway.Limits;

/// <summary>
/// The limits that all replicas share, in Redis. After one call that fails or takes too long nobody waits for Redis any more;
/// it is tried beside the requests until it answers.
/// </summary>
public sealed partial class SharedLimits(IServiceProvider services, IOptions<LimitsOptions> options, TimeProvider time, ILogger<SharedLimits> logger) : BackgroundService
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>How long a start waits for Redis: a replica should share from its first request on.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(1);

    private static readonly Bucket Probe = new(LimitKind.Address, "{probe}", new RateLimit(1, TimeSpan.FromSeconds(1), 1));

    private readonly TimeSpan _limit = options.Value.SharedTimeout;
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _lost = new(0, 1);
    private IConnectionMultiplexer? _redis;
    private int _isUp;
    private volatile string _reason = "not connected";

    /// <summary>Whether Redis answered when it was last asked.</summary>
    public bool IsUp => Volatile.Read(ref _isUp) == 1;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await _tried.Task.WaitAsync(StartLimit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes permits from the bucket and its parent.</summary>
    /// <returns>How many were granted, then the debt of each; null when Redis does not answer.</returns>
    public async ValueTask<long[]?> TakeAsync(Bucket bucket, int permits, long now)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        if (!IsUp)
            return null;
        var answer = await CallAsync(bucket, permits, now, _limit);
        if (answer is null && Interlocked.Exchange(ref _isUp, 0) == 1)
        {
            LogAway(_reason);
            _lost.Release();
        }

        return answer;
    }

    public override void Dispose()
    {
        base.Dispose();
        _lost.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Shared || !options.Value.Enabled)
        {
            _tried.TrySetResult();
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            if (await IsThereAsync(stoppingToken))
            {
                Volatile.Write(ref _isUp, 1);
                LogShared();
                _tried.TrySetResult();
                await _lost.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (_tried.TrySetResult())
                LogAway(_reason);
            await Task.Delay(Rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Connects beside the start of the service: the client's first connect blocks while the server is away.
            _redis ??= await Task.Run(services.GetRequiredService<IConnectionMultiplexer>, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            _reason = exception.Message;
            return false;
        }

        // The first call loads the script; only what the second one takes is what a request would wait.
        return await CallAsync(Probe, 0, 0, Rest) is not null && await CallAsync(Probe, 0, 0, _limit) is not null;
    }

    private async Task<long[]?> CallAsync(Bucket bucket, int permits, long now, TimeSpan limit)
    {
        if (_redis is not { IsConnected: true } redis)
        {
            _reason = "not connected";
            return null;
        }

        try
        {
            var database = redis.GetDatabase();
            try
            {
                return await ReadAsync(Evaluate(database, bucket, permits, now), limit);
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // Redis has forgotten its scripts; the client knows that now, and sends it whole.
                return await ReadAsync(Evaluate(database, bucket, permits, now), limit);
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException or InvalidCastException)
        {
            _reason = exception.Message;
            return null;
        }
    }

    private async Task<long[]?> ReadAsync(Task<RedisResult> call, TimeSpan limit)
    {
        try
        {
            return (long[]?)await call.WaitAsync(limit, time);
        }
        catch (TimeoutException) when (call.IsCompletedSuccessfully)
        {
            // Not Redis was late but this process: the answer is here.
            return (long[]?)await call;
        }
    }

    private static Task<RedisResult> Evaluate(IDatabase database, Bucket bucket, int permits, long now) => bucket.Parent is { } parent
        ? GcraScript.TakeAsync(database, permits, (bucket, bucket.UnsharedDebt(now)), (parent, parent.UnsharedDebt(now)))
        : GcraScript.TakeAsync(database, permits, (bucket, bucket.UnsharedDebt(now)));

    [LoggerMessage(LogLevel.Information, "Limits are shared through Redis")]
    private partial void LogShared();

    [LoggerMessage(LogLevel.Warning, "Redis does not answer; this process limits by itself until it does: {Reason}")]
    private partial void LogAway(string reason);
}
