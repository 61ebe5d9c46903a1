using System.Net;

namespace Gaia.Auth.Audit;

/// <summary>A row of <c>permission_audit_log</c>: written once, never changed.</summary>
public sealed class AuditEntry
{
    public Guid Id { get; init; }

    /// <summary>What happened, such as <c>login</c> or <c>role_assigned</c>: see <see cref="AuditEvents"/>.</summary>
    public required string EventType { get; init; }

    /// <summary>Who did it; null when nobody is known to have.</summary>
    public string? ActorId { get; init; }

    public string? TargetUserId { get; init; }

    public string? TargetType { get; init; }

    public string? TargetId { get; init; }

    /// <summary>A JSON object; never a secret.</summary>
    public required string Details { get; init; }

    public DateTime? Timestamp { get; init; }

    public IPAddress? Address { get; init; }

    public string? UserAgent { get; init; }
}
