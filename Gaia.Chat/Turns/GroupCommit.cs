using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace Gaia.Chat.Turns;

/// <summary>
/// Commits together what turns write at the same time, which costs PostgreSQL a fraction of as many commits. What finds nobody
/// writing is written at once; what comes in meanwhile is the next group. Nobody's write is done before it is committed, and
/// one that a group cannot write, or not at once, is written by itself.
/// </summary>
internal sealed class GroupCommit(TimeProvider time)
{
    private const int MaxWrites = 64;

    /// <summary>Characters, over all writes of a group but the first.</summary>
    private const int MaxLength = 256 * 1024;

    /// <summary>How long a write waits for its group to begin, far longer than a group takes: when the database hangs, each finds out by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.25);

    private readonly Lock _lock = new();
    private readonly LinkedList<Write> _waiting = new();
    private bool _isWriting;
    private volatile bool _isWell = true;

    /// <summary>False when the last write found the database away.</summary>
    public bool IsWell => _isWell;

    /// <summary>True while something is being written: what comes now waits for that.</summary>
    public bool IsBusy => Volatile.Read(ref _isWriting);

    /// <summary>Whoever waits for a row that is held elsewhere does so alone.</summary>
    private static SqlStatement LimitLocks => $"SELECT set_config('lock_timeout', '100ms', true)";

    /// <summary>Writes in one transaction.</summary>
    /// <param name="database">On whose connection, where a group begins with this.</param>
    /// <param name="conversationId">Whose row the statements lock before any other that is there already; null when they lock none.</param>
    /// <param name="statements">Run one after the other.</param>
    /// <param name="cancellationToken">Takes the write back as long as it waits.</param>
    /// <returns>The rows that the last of the statements changed.</returns>
    public async Task<int> WriteAsync(DatabaseFacade database, Guid? conversationId, IReadOnlyList<SqlStatement> statements, CancellationToken cancellationToken)
    {
        var write = new Write(database, conversationId, statements);
        if (TryBegin(write))
            await WriteGroupAsync(write);
        else
            await ((Task)write.Outcome).WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (TryLeave(write))
            cancellationToken.ThrowIfCancellationRequested();
        else if (await write.Outcome is { } rows)
            return rows;
        return (await RunAsync(database, statements, cancellationToken))[^1];
    }

    private async Task<int[]> RunAsync(DatabaseFacade database, IReadOnlyList<SqlStatement> statements, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await database.RunAsync(statements, cancellationToken);
            _isWell = true;
            return rows;
        }
        catch (Exception failure) when (IsBroken(failure) || DatabaseOutage.Is(failure))
        {
            _isWell = false;
            throw;
        }
    }

    /// <summary>Whether the connection is, and not one of the statements.</summary>
    private static bool IsBroken(Exception exception) => exception is NpgsqlException and not PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>False when others are being written; then it waits.</summary>
    private bool TryBegin(Write write)
    {
        lock (_lock)
        {
            if (!_isWriting)
                return _isWriting = true;
            _waiting.AddLast(write);
            return false;
        }
    }

    /// <summary>False once it is in a group.</summary>
    private bool TryLeave(Write write)
    {
        lock (_lock)
            return _waiting.Remove(write);
    }

    private async Task WriteGroupAsync(Write first)
    {
        var group = Gather(first);
        Exception? failure = null;
        try
        {
            var rows = await RunAsync(first.Database, [LimitLocks, .. group.SelectMany(write => write.Statements)], CancellationToken.None);
            var last = 0;
            foreach (var write in group)
                write.Rows = rows[last += write.Statements.Count];
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            // It is not known whether it was written.
            failure = exception;
        }
        catch (Exception)
        {
            // Nothing was written: for one of them, or for a row that is held. Each finds out by itself.
        }

        // The database has work again before the others go on.
        BeginNext();
        foreach (var write in group)
            write.End(failure);
    }

    /// <summary>
    /// In the order of their conversations, in which every replica locks their rows, so that no two groups wait for each other; of one conversation as they came.
    /// </summary>
    private Write[] Gather(Write first)
    {
        List<Write> group = [first];
        var length = 0;
        lock (_lock)
        {
            while (group.Count < MaxWrites && _waiting.First is { } next && (length += next.Value.Length) <= MaxLength)
            {
                _waiting.RemoveFirst();
                group.Add(next.Value);
            }
        }

        return [.. group.OrderBy(write => write.ConversationId)];
    }

    private void BeginNext()
    {
        Write next;
        lock (_lock)
        {
            _isWriting = _waiting.First is not null;
            if (_waiting.First is not { } node)
                return;
            _waiting.RemoveFirst();
            next = node.Value;
        }

        // In the trace of the one it begins with.
        if (next.Context is { } context)
            ExecutionContext.Run(context, _ => _ = WriteGroupAsync(next), null);
        else
            _ = WriteGroupAsync(next);
    }

    private sealed class Write(DatabaseFacade database, Guid? conversationId, IReadOnlyList<SqlStatement> statements)
    {
        private readonly TaskCompletionSource<int?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public DatabaseFacade Database => database;

        public Guid? ConversationId => conversationId;

        public IReadOnlyList<SqlStatement> Statements => statements;

        public int Length { get; } = statements.Sum(statement => statement.Length);

        public ExecutionContext? Context { get; } = ExecutionContext.Capture();

        public int? Rows { get; set; }

        /// <summary>The rows that its last statement changed; null when it has to be written by itself.</summary>
        public Task<int?> Outcome => _outcome.Task;

        public void End(Exception? failure)
        {
            if (failure is null)
                _outcome.SetResult(Rows);
            else
                _outcome.SetException(failure);
        }
    }
}
