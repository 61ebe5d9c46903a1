using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace Gaia.Chat.Turns;

/// <summary>
/// Commits together what turns write at the same time, which costs PostgreSQL a fraction of as many commits. Whoever finds nobody
/// writing writes at once; what comes in meanwhile is the next group, and the first of it writes it. Nobody's write is done before it is committed.
/// </summary>
internal sealed class GroupCommit(TimeProvider time)
{
    private const int MaxWrites = 64;

    /// <summary>How long a write waits for its group to begin, far longer than a group takes: when the database hangs, each finds out by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    private readonly Lock _lock = new();
    private readonly LinkedList<Write> _waiting = new();
    private bool _isWriting;

    private enum Part
    {
        /// <summary>Writes its group.</summary>
        Leader,

        /// <summary>Was written with its group.</summary>
        Written,

        /// <summary>Has to write by itself.</summary>
        Single,
    }

    /// <summary>Writes in one transaction.</summary>
    /// <param name="database">On whose connection, when this is who writes.</param>
    /// <param name="conversationId">Whose row the statements lock before any other that is there already; null when they lock none.</param>
    /// <param name="statements">Run one after the other.</param>
    /// <param name="cancellationToken">Takes the write back as long as it waits.</param>
    /// <returns>The rows that the last of the statements changed.</returns>
    public async Task<int> WriteAsync(DatabaseFacade database, Guid? conversationId, IReadOnlyList<SqlStatement> statements, CancellationToken cancellationToken)
    {
        var write = new Write(conversationId, statements);
        switch (await JoinAsync(write, cancellationToken))
        {
            case Part.Written:
                return write.Rows;
            case Part.Leader when await LeadAsync(database, write, cancellationToken):
                return write.Rows;
            default:
                return (await database.RunAsync(statements, cancellationToken))[^1];
        }
    }

    private async ValueTask<Part> JoinAsync(Write write, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_isWriting)
            {
                _isWriting = true;
                return Part.Leader;
            }

            _waiting.AddLast(write);
        }

        await ((Task)write.Part.Task).WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!TryLeave(write))
            return await write.Part.Task;
        cancellationToken.ThrowIfCancellationRequested();
        return Part.Single;
    }

    /// <summary>Writes the group of those who wait. False when it was refused, and nothing of it written.</summary>
    private async Task<bool> LeadAsync(DatabaseFacade database, Write own, CancellationToken cancellationToken)
    {
        var group = Gather(own);
        try
        {
            var rows = await database.RunAsync([.. group.SelectMany(write => write.Statements)], group is [_] ? cancellationToken : CancellationToken.None);
            var end = 0;
            foreach (var write in group)
            {
                end += write.Statements.Count;
                write.Rows = rows[end - 1];
            }
        }
        catch (PostgresException refusal) when (refusal.InvariantSeverity == "ERROR" && group is not [_])
        {
            // It was one of them, or a deadlock.
            End();
            Tell(Part.Single);
            return false;
        }
        catch (Exception exception)
        {
            End();
            foreach (var write in group.Where(write => write != own))
                write.Part.TrySetException(exception);
            throw;
        }

        End();
        Tell(Part.Written);
        return true;

        void Tell(Part part)
        {
            foreach (var write in group)
                write.Part.TrySetResult(part);
        }
    }

    /// <summary>
    /// In the order of their conversations, in which every replica locks their rows, so that no two groups wait for each other; of one conversation as they came.
    /// </summary>
    private Write[] Gather(Write leader)
    {
        lock (_lock)
        {
            List<Write> group = [leader];
            while (group.Count < MaxWrites && _waiting.First is { } next)
            {
                _waiting.RemoveFirst();
                group.Add(next.Value);
            }

            return [.. group.OrderBy(write => write.ConversationId)];
        }
    }

    /// <summary>The first of those who wait now writes the next group.</summary>
    private void End()
    {
        lock (_lock)
        {
            _isWriting = _waiting.First is not null;
            if (_waiting.First is not { } next)
                return;
            _waiting.RemoveFirst();
            next.Value.Part.TrySetResult(Part.Leader);
        }
    }

    /// <summary>False once it has a part in a group.</summary>
    private bool TryLeave(Write write)
    {
        lock (_lock)
            return _waiting.Remove(write);
    }

    private sealed class Write(Guid? conversationId, IReadOnlyList<SqlStatement> statements)
    {
        public Guid? ConversationId => conversationId;

        public IReadOnlyList<SqlStatement> Statements => statements;

        public TaskCompletionSource<Part> Part { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Rows { get; set; }
    }
}
