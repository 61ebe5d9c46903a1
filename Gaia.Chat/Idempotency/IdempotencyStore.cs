using Gaia.Chat.Conversations;
using Gaia.Chat.Turns;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Idempotency;

/// <summary>What is known of a key. Without a body its first request is still being answered.</summary>
/// <param name="Headers">Names and values in turn.</param>
internal sealed record KnownAnswer(byte[] RequestHash, string? ContentType, string[]? Headers, byte[]? Body);

/// <summary>The answers to requests with an <c>Idempotency-Key</c>. Each method is one statement.</summary>
internal sealed class IdempotencyStore(ChatDbContext database)
{
    /// <summary>True for the one who answers: nobody has used the key for a day, or whoever did is gone without an answer.</summary>
    public async Task<bool> ReserveAsync(Reservation reservation, byte[] requestHash, CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlAsync($"""
            INSERT INTO idempotent_answers (user_id, key, reservation, request_hash, busy_until, created_at)
            VALUES ({reservation.UserId}, {reservation.Key}, {reservation.Id}, {requestHash}, (now() AT TIME ZONE 'utc') + make_interval(secs => {RunKeeper.LeaseSeconds}), now() AT TIME ZONE 'utc')
            ON CONFLICT (user_id, key) DO UPDATE SET
                reservation = EXCLUDED.reservation, request_hash = EXCLUDED.request_hash, busy_until = EXCLUDED.busy_until, created_at = EXCLUDED.created_at, content_type = NULL, headers = NULL, body = NULL
            WHERE idempotent_answers.created_at < (now() AT TIME ZONE 'utc') - interval '1 day'
               OR (idempotent_answers.body IS NULL AND idempotent_answers.busy_until < now() AT TIME ZONE 'utc')
            """, cancellationToken) > 0;

    public Task<KnownAnswer?> FindAsync(Guid userId, string key, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<KnownAnswer>($"""
            SELECT request_hash AS "RequestHash", content_type AS "ContentType", headers AS "Headers", body AS "Body"
            FROM idempotent_answers WHERE user_id = {userId} AND key = {key}
            """).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Says of keys that their requests are still being answered.</summary>
    public Task RenewAsync(IReadOnlyCollection<Reservation> keys, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"""
            UPDATE idempotent_answers SET busy_until = (now() AT TIME ZONE 'utc') + make_interval(secs => {RunKeeper.LeaseSeconds})
            FROM unnest({keys.Select(key => key.UserId).ToArray()}, {keys.Select(key => key.Key).ToArray()}, {keys.Select(key => key.Id).ToArray()}) AS busy (user_id, key, reservation)
            WHERE idempotent_answers.user_id = busy.user_id AND idempotent_answers.key = busy.key AND idempotent_answers.reservation = busy.reservation
            """, cancellationToken);

    /// <summary>Nothing where another request has taken the key over.</summary>
    public Task CompleteAsync(Reservation reservation, string? contentType, string[] headers, byte[] body, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"""
            UPDATE idempotent_answers SET content_type = {contentType}, headers = {headers}, body = {body}
            WHERE user_id = {reservation.UserId} AND key = {reservation.Key} AND reservation = {reservation.Id}
            """, cancellationToken);

    /// <summary>Lets the key be used again: there is no answer to keep.</summary>
    public Task ReleaseAsync(Reservation reservation, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync(
            $"DELETE FROM idempotent_answers WHERE user_id = {reservation.UserId} AND key = {reservation.Key} AND reservation = {reservation.Id} AND body IS NULL", cancellationToken);

    public Task<int> ForgetOldAsync(CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"DELETE FROM idempotent_answers WHERE created_at < (now() AT TIME ZONE 'utc') - interval '1 day'", cancellationToken);
}
