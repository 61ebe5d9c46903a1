using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity.Services;

namespace Gaia.Auth.Audit;

/// <summary>The append-only log of security events. Where and with what the request came is added here.</summary>
public sealed class AuditLog(AuthDbContext db, IHttpContextAccessor requests, TimeProvider time)
{
    private const int MaxUserAgent = 256;

    /// <summary>Adds an entry that the caller saves together with the change it tells of: both happen or neither.</summary>
    /// <param name="eventType">One of <see cref="AuditEvents"/>.</param>
    /// <param name="actorId">Who did it.</param>
    /// <param name="details">More, without secrets.</param>
    public async ValueTask AddAsync(
        string eventType, Guid? actorId, Guid? targetUserId = null, string? targetType = null, string? targetId = null, JsonObject? details = null)
    {
        var request = requests.HttpContext;
        db.AuditLog.Add(new AuditEntry
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            EventType = eventType,
            ActorId = actorId?.ToString(),
            TargetUserId = targetUserId?.ToString(),
            TargetType = targetType,
            TargetId = targetId,
            Details = details?.ToJsonString() ?? "{}",
            Timestamp = time.GetNaiveUtcNow(),
            Address = request is null ? null : await request.GetClientAddressAsync(),
            UserAgent = Describe(request?.Request.Headers.UserAgent.ToString()),
        });
    }

    /// <summary>Writes an entry of something that changed nothing else.</summary>
    public async Task WriteAsync(
        string eventType,
        Guid? actorId,
        Guid? targetUserId,
        string? targetType,
        string? targetId,
        JsonObject? details,
        CancellationToken cancellationToken)
    {
        await AddAsync(eventType, actorId, targetUserId, targetType, targetId, details);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Short, and nothing in it that PostgreSQL cannot hold, that acts on a terminal or that is not seen: the client wrote it, and people read it.</summary>
    private static string? Describe(string? userAgent)
    {
        // What is not valid Unicode comes as U+FFFD.
        var text = string.Concat((userAgent ?? "").EnumerateRunes().Where(IsVisible).Take(MaxUserAgent));
        return text.Length == 0 ? null : text;
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
