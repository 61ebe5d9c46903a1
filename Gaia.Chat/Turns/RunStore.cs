using Gaia.Chat.Conversations;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Turns;

/// <summary>Finds the answers that any replica is making, and reads along.</summary>
internal sealed class RunStore(ChatDbContext database)
{
    /// <summary>The answer that is being made in the caller's conversation, the newest of several.</summary>
    public Task<RunningAnswer?> FindAsync(Guid userId, Guid conversationId, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<RunningAnswer>($"""
            SELECT id AS "Id", message_id AS "MessageId", model AS "Model", background AS "Background" FROM chat_runs
            WHERE conversation_id = {conversationId} AND user_id = {userId} AND lease_until > now() AT TIME ZONE 'utc'
            ORDER BY started_at DESC LIMIT 1
            """).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Asks whoever makes answers in the caller's conversation to end them. False when nobody does.</summary>
    public async Task<IReadOnlyList<Guid>> RequestStopAsync(Guid userId, Guid conversationId, CancellationToken cancellationToken) =>
        await database.Database.SqlQuery<Guid>($"""
            UPDATE chat_runs SET stop_requested = true
            WHERE conversation_id = {conversationId} AND user_id = {userId} AND lease_until > now() AT TIME ZONE 'utc'
            RETURNING id AS "Value"
            """).ToListAsync(cancellationToken);

    /// <summary>
    /// What an answer said from <paramref name="offset"/> characters on, and whether it goes on. Once it has ended, from the message
    /// that was kept; both in one statement, so that nothing falls between.
    /// </summary>
    public async Task<(string Text, bool GoesOn, string? FinishReason)> ReadAsync(RunningAnswer run, long offset, CancellationToken cancellationToken)
    {
        var found = await database.Database.SqlQuery<Progress>($"""
            SELECT EXISTS (SELECT 1 FROM chat_runs WHERE id = {run.Id} AND lease_until > now() AT TIME ZONE 'utc') AS "GoesOn",
                (SELECT string_agg(text, '' ORDER BY ordinal) FROM chat_run_pieces WHERE run_id = {run.Id} AND ordinal >= {offset}) AS "Pieces",
                said.content AS "Kept", said.finish_reason AS "FinishReason"
            FROM (SELECT 1) AS one LEFT JOIN chat_messages AS said ON said.id = {run.MessageId}
            """).SingleAsync(cancellationToken);
        if (found.Kept is { } kept)
            return (kept.Length > offset ? kept[(int)offset..] : "", false, found.FinishReason);
        return (found.Pieces ?? "", found.GoesOn, null);
    }

    private sealed record Progress(bool GoesOn, string? Pieces, string? Kept, string? FinishReason);
}

/// <param name="MessageId">The message that the answer will be.</param>
internal sealed record RunningAnswer(Guid Id, Guid MessageId, string Model, bool Background);
