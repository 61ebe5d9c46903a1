using Gaia.Chat.Conversations;
using Gaia.ServiceDefaults.Data;
using Npgsql;

namespace Gaia.Chat.Turns;

/// <summary>
/// Keeps what is said in a turn, and what it cost. Each method is one transaction, so that all of it is kept or nothing, and few
/// statements, whatever the length of the conversation. A conversation's owner is compared so that no index is used for it: a plan that was
/// kept from an empty table may otherwise look through all conversations of the user for the one.
/// </summary>
internal sealed class TurnStore(ChatDbContext database, GroupCommit commits, TimeProvider time)
{
    /// <summary>False while the database is away.</summary>
    public bool IsWell => commits.IsWell;

    /// <summary>True while something is being written: what comes now waits for that.</summary>
    public bool IsBusy => commits.IsBusy;

    /// <summary>Makes a conversation with the user's first message, if that was not done yet.</summary>
    public Task BeginAsync(Opening opening) => WriteAsync(opening.ConversationId, [Begin(opening)], CancellationToken.None);

    /// <summary>
    /// Adds the user's message to a conversation. The update locks the conversation's row first, so that messages sent at
    /// once get times and ordinals in the order in which they are committed. False if there is no such conversation.
    /// </summary>
    public async Task<bool> AppendAsync(Guid userId, Guid conversationId, Guid messageId, string text, CancellationToken cancellationToken) =>
        await WriteAsync(conversationId, [$"""
            WITH touched AS (
                UPDATE conversations SET preview = {Conversation.PreviewOf(text)}, updated_at = GREATEST({Now()}, updated_at + interval '1 microsecond')
                WHERE id = {conversationId} AND user_id IS NOT DISTINCT FROM {userId} AND is_active AND memory IS NULL
                RETURNING id, user_id, updated_at)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
            SELECT {messageId}, user_id, id, {Message.User}, {text}, updated_at FROM touched
            """], cancellationToken) == 1;

    /// <summary>
    /// Says a message of the user in other words: that one and all after it are replaced by the new one. The conversation's row is
    /// locked first, so that of two edits at once the second finds nothing to edit. False if there is no such message.
    /// </summary>
    public async Task<bool> EditAsync(Guid userId, Guid conversationId, Guid editedId, Guid messageId, string text, CancellationToken cancellationToken) =>
        (await database.Database.RunAsync([Conversation.Hold(userId, conversationId), $"""
            WITH edited AS MATERIALIZED (
                SELECT m.created_at, m.ordinal FROM conversations c JOIN chat_messages m ON m.conversation_id = c.id
                WHERE c.id = {conversationId} AND c.user_id IS NOT DISTINCT FROM {userId} AND c.is_active AND c.memory IS NULL
                  AND m.id = {editedId} AND m.role = {Message.User} AND m.superseded_at IS NULL),
            touched AS (
                UPDATE conversations SET preview = {Conversation.PreviewOf(text)}, updated_at = GREATEST({Now()}, updated_at + interval '1 microsecond')
                FROM edited WHERE conversations.id = {conversationId}
                RETURNING conversations.id, conversations.user_id, conversations.updated_at),
            replaced AS (
                UPDATE chat_messages m SET superseded_at = touched.updated_at FROM touched, edited
                WHERE m.conversation_id = touched.id AND m.superseded_at IS NULL AND (m.created_at, m.ordinal) >= (edited.created_at, edited.ordinal))
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
            SELECT {messageId}, user_id, id, {Message.User}, {text}, updated_at FROM touched
            """], cancellationToken))[^1] == 1;

    /// <summary>Adds the user's message to the memory of the routes without conversations, and makes that if it is the first one.</summary>
    public async Task<Guid> RememberAsync(Guid userId, Guid messageId, string text, CancellationToken cancellationToken) =>
        (await database.Database.ReadAsync($"""
            WITH touched AS (
                INSERT INTO conversations (id, user_id, title, preview, is_active, memory, created_at, updated_at)
                VALUES ({Guid.CreateVersion7()}, {userId}, {Conversation.DefaultTitle}, {Conversation.PreviewOf(text)}, true, {Conversation.UserMemory}, {Now()}, {Now()})
                ON CONFLICT (user_id) WHERE memory = 'user' AND is_active
                DO UPDATE SET preview = EXCLUDED.preview, updated_at = GREATEST(EXCLUDED.updated_at, conversations.updated_at + interval '1 microsecond')
                RETURNING id, user_id, updated_at)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
            SELECT {messageId}, user_id, id, {Message.User}, {text}, updated_at FROM touched
            RETURNING conversation_id
            """, static row => row.GetGuid(0), cancellationToken))[0];

    /// <summary>Makes a conversation of which nobody has heard, with the user's first message, its answer and what that cost.</summary>
    public Task BeginWithAsync(Opening opening, Answer answer, CallRecord call) =>
        WriteAsync(answer.ConversationId, [BeginWith(opening, answer), Record(call)], CancellationToken.None);

    /// <summary>
    /// Keeps an answer with what it cost, also in a conversation that was deleted while it was made; of one whose question was deleted only the cost.
    /// </summary>
    public Task CompleteAsync(Answer answer, CallRecord call, CancellationToken cancellationToken) =>
        WriteAsync(
            answer.ConversationId,
            answer.Replaces is { } question
                ? [Hold(answer), ReplaceAfter(question, answer), Append(answer), PutBack(question, answer), Record(call)]
                : [Hold(answer), Append(answer), Record(call)],
            cancellationToken);

    /// <summary>Keeps what a call cost of which there is no answer to keep.</summary>
    public Task RecordAsync(CallRecord call, CancellationToken cancellationToken) => WriteAsync(null, [Record(call)], cancellationToken);

    /// <summary>
    /// What was said before a message, oldest first: the newest messages that together have at most <paramref name="maxBytes"/>
    /// bytes of text. octet_length does not unpack a stored text, so a long conversation is measured without being read.
    /// </summary>
    public async Task<IReadOnlyList<Said>> HistoryAsync(Guid conversationId, Guid beforeMessageId, int maxMessages, long maxBytes, CancellationToken cancellationToken) =>
        await database.Database.ReadAsync($"""
            SELECT role, content FROM (
                SELECT role, content, created_at, ordinal,
                    sum(octet_length(content)) OVER (ORDER BY created_at DESC, ordinal DESC) AS bytes
                FROM (
                    SELECT role, content, created_at, ordinal FROM chat_messages
                    WHERE conversation_id = {conversationId} AND role IN ({Message.User}, {Message.Assistant}) AND superseded_at IS NULL
                      AND (created_at, ordinal) < (SELECT created_at, ordinal FROM chat_messages WHERE id = {beforeMessageId})
                    ORDER BY created_at DESC, ordinal DESC
                    LIMIT {maxMessages}) AS newest) AS measured
            WHERE bytes <= {maxBytes}
            ORDER BY created_at, ordinal
            """, static row => new Said(row.GetString(0), row.GetString(1)), cancellationToken);

    private static SqlStatement Begin(Opening opening) => $"""
            WITH begun AS (
                INSERT INTO conversations (id, user_id, title, preview, is_active, created_at, updated_at)
                VALUES ({opening.ConversationId}, {opening.UserId}, {Conversation.TitleOf(opening.Text)}, {Conversation.PreviewOf(opening.Text)}, true, {At(opening.SaidAt)}, {At(opening.SaidAt)})
                ON CONFLICT (id) DO NOTHING
                RETURNING id, user_id, created_at)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
            SELECT {opening.MessageId}, user_id, id, {Message.User}, {opening.Text}, created_at FROM begun
            """;

    private SqlStatement BeginWith(Opening opening, Answer answer)
    {
        var answeredAt = new[] { time.GetNaiveUtcNow(), opening.SaidAt.AddMicroseconds(1) }.Max();
        return $"""
            WITH begun AS (
                INSERT INTO conversations (id, user_id, title, preview, is_active, created_at, updated_at)
                VALUES ({opening.ConversationId}, {opening.UserId}, {Conversation.TitleOf(opening.Text)}, {Conversation.PreviewOf(answer.Text)}, true, {At(opening.SaidAt)}, {At(answeredAt)}))
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at, model, provider, tokens_used,
                prompt_tokens, completion_tokens, usage_source, finish_reason, question_id)
            VALUES ({opening.MessageId}, {opening.UserId}, {opening.ConversationId}, {Message.User}, {opening.Text}, {At(opening.SaidAt)}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
                ({answer.Id}, {answer.UserId}, {answer.ConversationId}, {Message.Assistant}, {answer.Text}, {At(answeredAt)}, {answer.Model}, {answer.Provider}, {answer.PromptTokens + answer.CompletionTokens},
                {answer.PromptTokens}, {answer.CompletionTokens}, {answer.UsageSource}, {answer.FinishReason}, {answer.QuestionId})
            """;
    }

    private static SqlStatement Hold(Answer answer) => Conversation.Hold(answer.UserId, answer.ConversationId);

    /// <summary>All that was there when the answer was asked for, and other answers to the same question that were made meanwhile.</summary>
    private SqlStatement ReplaceAfter(Question question, Answer answer) => $"""
            WITH touched AS (
                UPDATE conversations SET updated_at = GREATEST({Now()}, updated_at + interval '1 microsecond')
                WHERE id = {answer.ConversationId} AND user_id IS NOT DISTINCT FROM {answer.UserId}
                RETURNING id, updated_at)
            UPDATE chat_messages m SET superseded_at = touched.updated_at FROM touched
            WHERE m.conversation_id = touched.id AND m.superseded_at IS NULL AND m.id <> {answer.Id}
              AND (m.created_at, m.ordinal) > ({At(question.CreatedAt)}, {question.Ordinal})
              AND ((m.created_at, m.ordinal) <= ({At(question.LastAt)}, {question.LastOrdinal})
                OR (m.role = {Message.Assistant} AND NOT EXISTS (
                    SELECT 1 FROM chat_messages said WHERE said.conversation_id = touched.id AND said.role = {Message.User}
                      AND (said.created_at, said.ordinal) > ({At(question.LastAt)}, {question.LastOrdinal}) AND (said.created_at, said.ordinal) < (m.created_at, m.ordinal))))
              AND EXISTS (SELECT 1 FROM chat_messages asked WHERE asked.id = {question.Id} AND asked.superseded_at IS NULL)
            """;

    private SqlStatement Append(Answer answer) => $"""
            WITH touched AS (
                UPDATE conversations SET preview = CASE WHEN asked.superseded_at IS NULL THEN {Conversation.PreviewOf(answer.Text)} ELSE preview END,
                    updated_at = GREATEST({Now()}, updated_at + interval '1 microsecond')
                FROM chat_messages asked
                WHERE conversations.id = {answer.ConversationId} AND conversations.user_id IS NOT DISTINCT FROM {answer.UserId} AND asked.id = {answer.QuestionId}
                RETURNING conversations.id, conversations.user_id, conversations.updated_at, asked.superseded_at IS NOT NULL AS is_replaced)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, model, provider, tokens_used,
                prompt_tokens, completion_tokens, usage_source, finish_reason, question_id, created_at, superseded_at)
            SELECT {answer.Id}, user_id, id, {Message.Assistant}, {answer.Text}, {answer.Model}, {answer.Provider}, {answer.PromptTokens + answer.CompletionTokens},
                {answer.PromptTokens}, {answer.CompletionTokens}, {answer.UsageSource}, {answer.FinishReason}, {answer.QuestionId}, updated_at, CASE WHEN is_replaced THEN updated_at END FROM touched
            -- Another replica may have taken this one for dead and kept what it knew.
            ON CONFLICT (id) DO UPDATE SET content = EXCLUDED.content, model = EXCLUDED.model, provider = EXCLUDED.provider, tokens_used = EXCLUDED.tokens_used,
                prompt_tokens = EXCLUDED.prompt_tokens, completion_tokens = EXCLUDED.completion_tokens, usage_source = EXCLUDED.usage_source, finish_reason = EXCLUDED.finish_reason
            """;

    /// <summary>Made anew, an answer stands where it stood, before what was said in the meantime.</summary>
    private static SqlStatement PutBack(Question question, Answer answer) => $"""
            UPDATE chat_messages SET created_at = {At(question.CreatedAt)}
            WHERE id = {answer.Id} AND EXISTS (
                SELECT 1 FROM chat_messages later WHERE later.conversation_id = {answer.ConversationId} AND later.id <> {answer.Id}
                  AND (later.created_at, later.ordinal) > ({At(question.LastAt)}, {question.LastOrdinal}))
            """;

    private static SqlStatement Record(CallRecord call) => $"""
            INSERT INTO llm_calls (id, user_id, conversation_id, message_id, persona_id, route, provider, model, status, error_type,
                prompt_tokens, completion_tokens, usage_source, cost_usd, streamed, fallback_used, started_at, duration_us, first_chunk_us)
            VALUES ({call.Id}, {call.UserId}, {call.ConversationId}, {call.MessageId}, {call.PersonaId}, {call.Route}, {call.Provider}, {call.Model}, {call.Status}, {call.ErrorType},
                {call.PromptTokens}, {call.CompletionTokens}, {call.UsageSource}, {call.CostUsd}, {call.Streamed}, {call.FallbackUsed}, {At(call.StartedAt)}, {call.DurationUs}, {call.FirstChunkUs})
            ON CONFLICT (id) DO UPDATE SET model = EXCLUDED.model, provider = EXCLUDED.provider, status = EXCLUDED.status, error_type = EXCLUDED.error_type,
                prompt_tokens = EXCLUDED.prompt_tokens, completion_tokens = EXCLUDED.completion_tokens, usage_source = EXCLUDED.usage_source, cost_usd = EXCLUDED.cost_usd
            """;

    private Task<int> WriteAsync(Guid? conversationId, IReadOnlyList<SqlStatement> statements, CancellationToken cancellationToken) =>
        commits.WriteAsync(database.Database, conversationId, statements, cancellationToken);

    private NpgsqlParameter Now() => At(time.GetNaiveUtcNow());

    private static NpgsqlParameter At(DateTime instant) => NaiveUtc.Parameter(instant);
}
