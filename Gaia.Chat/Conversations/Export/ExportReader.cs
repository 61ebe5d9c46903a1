using System.Runtime.CompilerServices;
using Gaia.Chat.Conversations.Messages;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Conversations.Export;

/// <summary>
/// Reads a whole conversation in parts of bounded size: neither memory nor a connection to the database is held for as long as
/// a slow client takes to download it.
/// </summary>
internal sealed class ExportReader(ChatDbContext database)
{
    private const int MaxMessages = 2000;
    private const long MaxBytes = 4 * 1024 * 1024;

    /// <summary>The messages that stand, the oldest first, in lists that are never empty.</summary>
    public async IAsyncEnumerable<IReadOnlyList<MessageBody>> ReadAsync(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Row? last = null;
        while (true)
        {
            // The first one of a part is read whatever its size.
            var part = await database.Database.SqlQuery<Row>($"""
                SELECT id AS "Id", role AS "Role", content AS "Content", model AS "Model", provider AS "Provider", tokens_used AS "TokensUsed",
                    created_at AS "CreatedAt", finish_reason AS "FinishReason", prompt_tokens AS "PromptTokens", completion_tokens AS "CompletionTokens", ordinal AS "Ordinal"
                FROM (
                    SELECT *, sum(octet_length(content)) OVER (ORDER BY created_at, ordinal) AS bytes
                    FROM (
                        SELECT id, role, content, model, provider, tokens_used, created_at, finish_reason, prompt_tokens, completion_tokens, ordinal
                        FROM chat_messages
                        WHERE conversation_id = {id} AND superseded_at IS NULL
                          AND ({last is null} OR (created_at, ordinal) > ({NaiveUtc.Parameter(last?.CreatedAt)}, {last?.Ordinal ?? 0}))
                        ORDER BY created_at, ordinal
                        LIMIT {MaxMessages}) AS next) AS measured
                WHERE bytes <= {MaxBytes} OR bytes = octet_length(content)
                ORDER BY created_at, ordinal
                """).ToListAsync(cancellationToken);
            if (part.Count == 0)
                yield break;
            last = part[^1];
            yield return part.ConvertAll(static row => row.Show());
        }
    }

    private sealed record Row(
        Guid Id,
        string Role,
        string Content,
        string? Model,
        string? Provider,
        int? TokensUsed,
        DateTime CreatedAt,
        string? FinishReason,
        int? PromptTokens,
        int? CompletionTokens,
        long Ordinal)
    {
        public MessageBody Show() => new(Id, Role, Content, Model, Provider, TokensUsed, CreatedAt, FinishReason, PromptTokens, CompletionTokens);
    }
}
