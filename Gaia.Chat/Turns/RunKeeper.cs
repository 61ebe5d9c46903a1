using Gaia.Chat.Idempotency;
using Gaia.ServiceDefaults.Data;

namespace Gaia.Chat.Turns;

/// <summary>
/// Lets other replicas see the answers that this one makes: writes down what those in the background say, ends those that
/// are to be stopped, and keeps what a dead replica left behind.
/// </summary>
internal sealed partial class RunKeeper(IServiceScopeFactory scopes, ActiveRuns runs, BusyKeys keys, TimeProvider time, ILogger<RunKeeper> logger) : BackgroundService
{
    /// <summary>How long an answer counts as being made without a sign of its replica.</summary>
    public const double LeaseSeconds = 15;

    /// <summary>An answer that takes longer is noted.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(150);

    /// <summary>What is said to a client that waits for it is noted less often.</summary>
    private const int ForegroundTicks = 7;

    private static readonly TimeSpan StopCheck = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(LeaseSeconds);
    private static readonly TimeSpan Renewal = Lease / 3;

    /// <summary>The answers that were noted, and how many characters of each.</summary>
    private readonly Dictionary<ChatTurn, int> _noted = [];

    /// <summary>Pieces of which it is not known whether they were written: they are written again as they were, so that none has a hole before it.</summary>
    private List<RunPiece> _unsure = [];

    /// <summary>When leases were renewed last, and since when without a gap.</summary>
    private long _renewed = time.GetTimestamp();
    private long _steadySince = time.GetTimestamp();
    private long _ticks;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(NoteAsync, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long stopsChecked = time.GetTimestamp(), renewalTried = stopsChecked;
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryAsync(NoteAsync, stoppingToken);
                if (time.GetElapsedTime(stopsChecked) >= StopCheck)
                {
                    stopsChecked = time.GetTimestamp();
                    await TryAsync(StopRequestedAsync, stoppingToken);
                }

                if (time.GetElapsedTime(renewalTried) >= Renewal)
                {
                    renewalTried = time.GetTimestamp();
                    await TryAsync(RenewAsync, stoppingToken);
                    await TryAsync(ForgetOldAsync, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception.GetBaseException().Message);
        }
    }

    /// <summary>Notes what takes a while and what goes on in the background, with what it has said, and forgets what has ended.</summary>
    private async Task NoteAsync(CancellationToken cancellationToken)
    {
        var lasting = runs.All.Where(turn => !_noted.ContainsKey(turn) && (turn.Background || turn.TotalTime >= Tick)).ToList();
        var ended = _noted.Keys.Where(turn => runs.Find(turn.RunId) is null).ToList();
        if (lasting.Count == 0 && _noted.Count == 0)
            return;

        await KeepOpeningsAsync(lasting.Where(turn => turn.Opening is { IsLeft: true }));
        lasting.RemoveAll(turn => turn.Opening is { IsKept: false } || (turn.Answer is not null && runs.Find(turn.RunId) is null));

        await using var scope = scopes.CreateAsyncScope();
        var store = scope.ServiceProvider.GetRequiredService<RunStore>();
        if (lasting.Count > 0)
            await store.NoteAsync(lasting, cancellationToken);
        foreach (var turn in lasting)
            _noted[turn] = 0;

        await AddAsync(store, _unsure, cancellationToken);
        var all = ++_ticks % ForegroundTicks == 0;
        _unsure = _noted.Where(noted => all || noted.Key.Background)
            .Select(noted => new RunPiece(noted.Key, noted.Value, noted.Key.Text.Since(noted.Value))).Where(piece => piece.Text.Length > 0).ToList();
        await AddAsync(store, _unsure, cancellationToken);

        // What could not be kept stays until its lease is over: then what was noted of it is kept in its place.
        Guid[] kept = [.. ended.Where(turn => turn.Answer is not null).Select(turn => turn.RunId)];
        if (kept is not [])
            await store.ForgetAsync(kept, cancellationToken);
        foreach (var turn in ended)
            _noted.Remove(turn);
    }

    /// <summary>They commit together, and none keeps the others from being kept.</summary>
    private async Task KeepOpeningsAsync(IEnumerable<ChatTurn> turns)
    {
        var failures = await Task.WhenAll(turns.Select(async turn =>
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await turn.Opening!.KeepAsync(scope.ServiceProvider.GetRequiredService<TurnStore>());
                return null;
            }
            catch (Exception exception)
            {
                if (turn.Opening!.Tries > 1 && DatabaseOutage.Is(exception))
                    turn.Abandon(exception);
                return exception.GetBaseException().Message;
            }
        }));
        if (failures.FirstOrDefault(failure => failure is not null) is { } reason)
            LogFailed(reason);
    }

    private async Task AddAsync(RunStore store, List<RunPiece> pieces, CancellationToken cancellationToken)
    {
        if (pieces is [])
            return;
        await store.AddAsync(pieces, cancellationToken);
        foreach (var piece in pieces.Where(piece => _noted.ContainsKey(piece.Turn)))
            _noted[piece.Turn] = piece.Offset + piece.Text.Length;
        _unsure = [];
    }

    private async Task StopRequestedAsync(CancellationToken cancellationToken)
    {
        Guid[] own = [.. runs.All.Select(turn => turn.RunId)];
        if (own is [])
            return;
        await using var scope = scopes.CreateAsyncScope();
        var stopped = await scope.ServiceProvider.GetRequiredService<RunStore>().ToStopAsync(own, cancellationToken);
        foreach (var id in stopped)
            runs.Find(id)?.Stop();
    }

    /// <summary>
    /// Renews the leases of this replica's answers and keys; then keeps what others left whose leases are over. After an outage of the database all
    /// leases are over, so that others get the time of one to renew theirs.
    /// </summary>
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var idempotency = scope.ServiceProvider.GetRequiredService<IdempotencyStore>();
        var store = scope.ServiceProvider.GetRequiredService<RunStore>();
        await RenewOwnAsync(store, cancellationToken);
        if (keys.All is { Count: > 0 } busy)
            await idempotency.RenewAsync(busy, cancellationToken);

        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_renewed, now) > Renewal * 1.5)
            _steadySince = now;
        _renewed = now;
        if (time.GetElapsedTime(_steadySince, now) >= Lease && await store.KeepLostAsync(cancellationToken) is > 0 and var lost)
            LogLost(lost);
    }

    private async Task ForgetOldAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IdempotencyStore>().ForgetOldAsync(cancellationToken);
    }

    private async Task RenewOwnAsync(RunStore store, CancellationToken cancellationToken)
    {
        // Without any, it tells that the database is there.
        Guid[] own = [.. runs.All.Select(turn => turn.RunId)];
        var renewed = (await store.RenewAsync(own, cancellationToken)).ToHashSet();
        // What the database or another replica has lost is noted anew, from its beginning.
        foreach (var lost in _noted.Keys.Where(turn => !renewed.Contains(turn.RunId) && runs.Find(turn.RunId) is not null).ToList())
        {
            _noted.Remove(lost);
            _unsure.RemoveAll(piece => piece.Turn == lost);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The answers in progress could not be noted: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "{Count} answers were left unfinished by a replica that is gone")]
    private partial void LogLost(int count);
}
