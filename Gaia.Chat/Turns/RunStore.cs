using Gaia.Chat.Conversations;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Turns;

/// <summary>Notes the answers that are being made, finds those of any replica, reads along, and keeps what a lost one left.</summary>
internal sealed class RunStore(ChatDbContext database)
{
    /// <summary>Notes answers that are being made here. Those that are noted stay as they are.</summary>
    public Task<int> NoteAsync(IReadOnlyCollection<ChatTurn> turns, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"""
            INSERT INTO chat_runs (id, user_id, conversation_id, message_id, question_id, regenerates, route, background, started_at,
                provider, model, prompt_tokens, input_price, output_price, lease_until)
            SELECT *, (now() AT TIME ZONE 'utc') + make_interval(secs => {RunKeeper.LeaseSeconds})
            FROM unnest({Of(turns, x => x.Run.Id)}, {Of(turns, x => x.Run.UserId)}, {Of(turns, x => x.Run.ConversationId)}, {Of(turns, x => x.Run.MessageId)}, {Of(turns, x => x.Run.QuestionId)},
                {Of(turns, x => x.Run.Regenerates)}, {Of(turns, x => x.Run.Route)}, {Of(turns, x => x.Run.Background)}, {NaiveUtc.Parameters(turns.Select(x => x.Run.StartedAt))},
                {Of(turns, x => x.Model.Provider)}, {Of(turns, x => x.Model.Id)}, {Of(turns, x => x.Asking.CountPromptTokens())}, {Of(turns, x => x.Model.InputTokenPrice)}, {Of(turns, x => x.Model.OutputTokenPrice)})
            ON CONFLICT DO NOTHING
            """, cancellationToken);

    /// <summary>Adds what answers have said since. One that was forgotten in the meantime is not needed any more.</summary>
    public Task<int> AddAsync(IReadOnlyCollection<RunPiece> pieces, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"""
            INSERT INTO chat_run_pieces (run_id, ordinal, text)
            SELECT t.run_id, t.ordinal, t.text
            FROM unnest({pieces.Select(x => x.Turn.RunId).ToArray()}, {pieces.Select(x => (long)x.Offset).ToArray()}, {pieces.Select(x => TextRules.MakeStorable(x.Text)).ToArray()}) AS t (run_id, ordinal, text)
            JOIN chat_runs ON chat_runs.id = t.run_id
            ON CONFLICT DO NOTHING
            """, cancellationToken);

    /// <summary>Forgets answers that have been kept.</summary>
    public Task<int> ForgetAsync(Guid[] ids, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"""
            WITH ended AS (DELETE FROM chat_runs WHERE id = ANY({ids}))
            DELETE FROM chat_run_pieces WHERE run_id = ANY({ids})
            """, cancellationToken);

    /// <summary>The answer that is being made in the caller's conversation, the newest of several.</summary>
    public Task<RunningAnswer?> FindAsync(Guid userId, Guid conversationId, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<RunningAnswer>($"""
            SELECT id AS "Id", message_id AS "MessageId", question_id AS "QuestionId", model AS "Model" FROM chat_runs
            WHERE conversation_id = {conversationId} AND user_id = {userId} AND lease_until > now() AT TIME ZONE 'utc'
              AND NOT EXISTS (SELECT 1 FROM chat_messages WHERE chat_messages.id = chat_runs.message_id)
            ORDER BY started_at DESC LIMIT 1
            """).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Asks whoever makes answers in the caller's conversation to end them.</summary>
    public Task<int> RequestStopAsync(Guid userId, Guid conversationId, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"UPDATE chat_runs SET stop_requested = true WHERE conversation_id = {conversationId} AND user_id = {userId}", cancellationToken);

    /// <summary>
    /// What an answer said from <paramref name="offset"/> characters on, and whether it goes on. Once it has ended, from the message
    /// that was kept; both in one statement, so that nothing falls between.
    /// </summary>
    public async Task<(string Text, bool GoesOn, string? FinishReason)> ReadAsync(RunningAnswer run, long offset, CancellationToken cancellationToken)
    {
        var found = await database.Database.SqlQuery<Progress>($"""
            SELECT EXISTS (SELECT 1 FROM chat_runs WHERE id = {run.Id} AND lease_until > now() AT TIME ZONE 'utc') AS "GoesOn",
                (SELECT string_agg(text, '' ORDER BY ordinal) FROM chat_run_pieces WHERE run_id = {run.Id} AND ordinal >= {offset}) AS "Pieces",
                said.content AS "Kept",
                CASE WHEN called.error_type IS NULL THEN said.finish_reason WHEN called.error_type = {ChatTurn.Stopped} THEN 'cancelled' ELSE 'error' END AS "FinishReason"
            FROM (SELECT 1) AS one LEFT JOIN chat_messages AS said ON said.id = {run.MessageId} LEFT JOIN llm_calls AS called ON called.id = {run.Id}
            """).SingleAsync(cancellationToken);
        if (found.Kept is { } kept)
            return (kept.Length > offset ? kept[(int)offset..] : "", false, found.FinishReason);
        return (found.Pieces ?? "", found.GoesOn, found.FinishReason);
    }

    /// <summary>Those of these answers that are to be ended: someone asked for it, or nobody wants the answer to a question that was put otherwise or removed.</summary>
    public Task<List<Guid>> ToStopAsync(Guid[] ids, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<Guid>($"""
            SELECT id AS "Value" FROM chat_runs
            WHERE id = ANY({ids}) AND (stop_requested
                OR (conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM chat_messages asked WHERE asked.id = chat_runs.question_id AND asked.superseded_at IS NULL)))
            """).ToListAsync(cancellationToken);

    /// <summary>Renews the leases of these answers. Returns those that are noted.</summary>
    public Task<List<Guid>> RenewAsync(Guid[] ids, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<Guid>($"""
            UPDATE chat_runs SET lease_until = (now() AT TIME ZONE 'utc') + make_interval(secs => {RunKeeper.LeaseSeconds}) WHERE id = ANY({ids})
            RETURNING id AS "Value"
            """).ToListAsync(cancellationToken);

    /// <summary>Keeps what replicas that are gone have noted of their answers. Returns how many those were.</summary>
    public async Task<int> KeepLostAsync(CancellationToken cancellationToken)
    {
        // What comes after the first statement sees all that others said in those conversations.
        var rows = await database.Database.RunAsync([$"""
            SELECT id FROM conversations WHERE id IN (SELECT conversation_id FROM chat_runs WHERE lease_until < now() AT TIME ZONE 'utc') ORDER BY id FOR UPDATE
            """, $"""
            WITH lost AS (
                DELETE FROM chat_runs WHERE lease_until < now() AT TIME ZONE 'utc'
                RETURNING *),
            texts AS (
                SELECT lost.*, said.text, (char_length(said.text) + 3) / 4 AS completion_tokens
                FROM lost CROSS JOIN LATERAL (SELECT COALESCE(string_agg(text, '' ORDER BY ordinal), '') AS text FROM chat_run_pieces WHERE run_id = lost.id) AS said),
            -- Half an answer does not take the place of a whole one, none is kept to a question that is gone, and none twice.
            halves AS (
                SELECT texts.*, asked.superseded_at IS NOT NULL AS is_replaced FROM texts JOIN chat_messages asked ON asked.id = texts.question_id
                WHERE texts.text <> '' AND NOT texts.regenerates AND NOT EXISTS (SELECT 1 FROM chat_messages whole WHERE whole.id = texts.message_id)),
            touched AS (
                UPDATE conversations SET preview = CASE WHEN halves.is_replaced THEN preview ELSE left(halves.text, {Conversation.PreviewLength}) END,
                    updated_at = GREATEST(now() AT TIME ZONE 'utc', conversations.updated_at + interval '1 microsecond')
                FROM halves WHERE conversations.id = halves.conversation_id
                RETURNING conversations.id, conversations.updated_at),
            said AS (
                INSERT INTO chat_messages (id, user_id, conversation_id, role, content, model, provider, prompt_tokens, completion_tokens, tokens_used, usage_source, finish_reason, question_id, created_at, superseded_at)
                SELECT message_id, user_id, conversation_id, {Message.Assistant}, text, model, provider, prompt_tokens, completion_tokens, prompt_tokens + completion_tokens,
                    {AnswerInProgress.Estimated}, 'error', question_id, updated_at, CASE WHEN is_replaced THEN updated_at END
                FROM halves JOIN touched ON touched.id = halves.conversation_id
                ON CONFLICT DO NOTHING),
            dropped AS (DELETE FROM chat_run_pieces USING lost WHERE run_id = lost.id)
            INSERT INTO llm_calls (id, user_id, conversation_id, message_id, route, provider, model, status, error_type,
                prompt_tokens, completion_tokens, usage_source, cost_usd, streamed, fallback_used, started_at, duration_us)
            SELECT id, user_id, conversation_id, message_id, route, provider, model, {CallRecord.Failed}, 'replica_lost',
                prompt_tokens, completion_tokens, {AnswerInProgress.Estimated}, prompt_tokens * input_price + completion_tokens * output_price, true, false, started_at, (extract(epoch FROM lease_until - started_at) * 1000000)::bigint
            FROM texts
            ON CONFLICT DO NOTHING
            """], cancellationToken);
        await database.Database.ExecuteSqlAsync($"DELETE FROM chat_run_pieces WHERE NOT EXISTS (SELECT 1 FROM chat_runs WHERE id = run_id)", cancellationToken);
        return rows[^1];
    }

    private static T[] Of<T>(IReadOnlyCollection<ChatTurn> turns, Func<ChatTurn, T> select) => [.. turns.Select(select)];

    private sealed record Progress(bool GoesOn, string? Pieces, string? Kept, string? FinishReason);
}

/// <summary>What an answer said from a number of characters on.</summary>
internal sealed record RunPiece(ChatTurn Turn, int Offset, string Text);

/// <param name="MessageId">The message that the answer will be.</param>
/// <param name="QuestionId">The message that it answers.</param>
internal sealed record RunningAnswer(Guid Id, Guid MessageId, Guid QuestionId, string Model);
