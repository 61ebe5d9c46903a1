using System.Globalization;
using System.Text.Json;
using Gaia.Auth.Admin;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Audit;

/// <summary>What to look for in the audit log; null for all.</summary>
/// <param name="UserId">Who did it, or had it done to.</param>
internal sealed record AuditFilter(string? ActorId, string? TargetUserId, string? UserId, string? EventType, DateTime? Since, DateTime? Until);

/// <param name="Items">The newest first.</param>
/// <param name="NextCursor">Where the next page begins; null at the end. What is written meanwhile moves nothing.</param>
public sealed record AuditPage(IReadOnlyList<AuditBody> Items, string? NextCursor);

/// <param name="ActorEmail">As it is now; null for one who is not there, or no longer.</param>
public sealed record AuditBody(
    Guid Id,
    string EventType,
    string? ActorId,
    string? ActorEmail,
    string? TargetUserId,
    string? TargetEmail,
    string? TargetType,
    string? TargetId,
    JsonElement Details,
    DateTime? Timestamp,
    string? IpAddress,
    string? UserAgent);

/// <summary>Looks things up in the audit log.</summary>
public sealed class AuditReader(AuthDbContext db)
{
    private const string IdPattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

    internal async Task<AuditPage> ReadAsync(AuditFilter filter, AuditCursor? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await db.Database.SqlQuery<Row>($"""
            SELECT id AS "Id", event_type::text AS "EventType", actor_id::text AS "ActorId", target_user_id::text AS "TargetUserId", target_type::text AS "TargetType",
                -- The legacy system kept other things than ids there, too.
                (SELECT email::text FROM users WHERE id = CASE WHEN log.actor_id ~* {IdPattern} THEN log.actor_id::uuid END) AS "ActorEmail",
                (SELECT email::text FROM users WHERE id = CASE WHEN log.target_user_id ~* {IdPattern} THEN log.target_user_id::uuid END) AS "TargetEmail",
                target_id::text AS "TargetId", permission_details::text AS "Details", event_timestamp AS "Timestamp", host(ip_address) AS "IpAddress", user_agent AS "UserAgent"
            FROM permission_audit_log log
            WHERE ({filter.ActorId}::text IS NULL OR actor_id = {filter.ActorId})
              AND ({filter.TargetUserId}::text IS NULL OR target_user_id = {filter.TargetUserId})
              AND ({filter.UserId}::text IS NULL OR actor_id = {filter.UserId} OR target_user_id = {filter.UserId})
              AND ({filter.EventType}::text IS NULL OR event_type = {filter.EventType})
              AND ({NaiveUtc.Parameter(filter.Since)} IS NULL OR event_timestamp >= {NaiveUtc.Parameter(filter.Since)})
              AND ({NaiveUtc.Parameter(filter.Until)} IS NULL OR event_timestamp < {NaiveUtc.Parameter(filter.Until)})
              AND ({NaiveUtc.Parameter(after?.Timestamp)} IS NULL OR (event_timestamp, id) < ({NaiveUtc.Parameter(after?.Timestamp)}, {after?.Id ?? Guid.Empty}))
            ORDER BY event_timestamp DESC NULLS LAST, id DESC
            LIMIT {limit + 1}
            """).ToListAsync(cancellationToken);
        var shown = rows.Take(limit).Select(row => row.ToBody()).ToList();
        var last = shown.Count > 0 && rows.Count > limit ? shown[^1] : null;
        return new AuditPage(shown, last is { Timestamp: { } timestamp } ? new AuditCursor(timestamp, last.Id).ToString() : null);
    }

    private sealed record Row(
        Guid Id,
        string EventType,
        string? ActorId,
        string? ActorEmail,
        string? TargetUserId,
        string? TargetEmail,
        string? TargetType,
        string? TargetId,
        string? Details,
        DateTime? Timestamp,
        string? IpAddress,
        string? UserAgent)
    {
        public AuditBody ToBody()
        {
            using var details = JsonDocument.Parse(Details ?? "{}");
            return new AuditBody(Id, EventType, ActorId, ActorEmail, TargetUserId, TargetEmail, TargetType, TargetId, details.RootElement.Clone(), Timestamp, IpAddress, UserAgent);
        }
    }
}

/// <summary>The last entry of a page, as text in a query.</summary>
internal sealed record AuditCursor(DateTime Timestamp, Guid Id)
{
    public static AdminError? TryRead(string? text, out AuditCursor? cursor)
    {
        cursor = null;
        if (string.IsNullOrEmpty(text))
            return null;
        if (text.Split('_') is [var ticks, var id] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && time <= DateTime.MaxValue.Ticks && Guid.TryParse(id, out var key))
        {
            cursor = new AuditCursor(new DateTime(time, DateTimeKind.Unspecified), key);
            return null;
        }

        return AdminError.Invalid("cursor must be the next_cursor of an earlier page");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Timestamp.Ticks}_{Id:N}");
}
