using System.Collections.Concurrent;

namespace Gaia.Chat.Turns;

/// <summary>The answers that this replica is making now.</summary>
internal sealed class ActiveRuns : IHostedService
{
    private readonly ConcurrentDictionary<Guid, ChatTurn> _turns = new();
    private readonly ConcurrentDictionary<Task, byte> _detached = new();
    private readonly ConcurrentDictionary<Guid, FailedRun> _failed = new();
    private readonly ConcurrentDictionary<Guid, int> _background = new();

    public IEnumerable<ChatTurn> All => _turns.Select(static run => run.Value);

    /// <summary>Takes one of the places for a user's answers in the background, before anything is done for it; false when all are taken.</summary>
    public bool TryEnterBackground(Guid userId, int places)
    {
        while (true)
        {
            var taken = _background.GetOrAdd(userId, 0);
            if (taken >= places)
                return false;
            if (_background.TryUpdate(userId, taken + 1, taken))
                return true;
        }
    }

    /// <summary>Gives the place back.</summary>
    public void LeaveBackground(Guid userId)
    {
        // Whoever comes meanwhile counts on what is there: the last one takes the entry away only as it was.
        if (_background.AddOrUpdate(userId, 0, static (_, taken) => taken - 1) == 0)
            _background.TryRemove(KeyValuePair.Create(userId, 0));
    }

    public void Add(ChatTurn turn)
    {
        _turns[turn.RunId] = turn;
        if (turn.ConversationId is { } conversation)
            _failed.TryRemove(conversation, out _);
    }

    public void Remove(ChatTurn turn, DateTimeOffset now)
    {
        if (turn is { Background: true, Failure: { } failure, ConversationId: { } conversation })
            _failed[conversation] = new FailedRun(turn.UserId, conversation, turn.Run.MessageId, turn.Run.QuestionId, FailedRun.Describe(failure), now);
        _turns.TryRemove(turn.RunId, out _);
        foreach (var (key, old) in _failed)
        {
            if (now - old.At > FailedRun.ToldFor)
                _failed.TryRemove(key, out _);
        }
    }

    /// <summary>What has just failed in a user's conversation, and was not asked for again since.</summary>
    public FailedRun? FailedIn(Guid userId, Guid conversationId, DateTimeOffset now) =>
        _failed.TryGetValue(conversationId, out var failed) && failed.UserId == userId && now - failed.At <= FailedRun.ToldFor ? failed : null;

    public ChatTurn? Find(Guid runId) => _turns.GetValueOrDefault(runId);

    /// <summary>Those of a user's conversation, the newest first.</summary>
    public IReadOnlyList<ChatTurn> In(Guid userId, Guid conversationId) =>
        [.. All.Where(turn => turn.ConversationId == conversationId && turn.UserId == userId).OrderByDescending(turn => turn.RunId)];

    /// <summary>Starts what goes on without the request that began it.</summary>
    public Task Detach(Func<Task> work)
    {
        var running = Task.Run(work);
        _detached[running] = 0;
        // Its failure is seen by whoever still waits for it, and is in the log and in the record of the call.
        _ = running.ContinueWith(
            done =>
            {
                _ = done.Exception;
                _detached.TryRemove(done, out _);
            },
            TaskScheduler.Default);
        return running;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits for the answers in the background; the stop of the service bounds them.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_detached.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
