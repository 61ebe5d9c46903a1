using System.ComponentModel.DataAnnotations;

namespace Gaia.Auth.Audit;

/// <summary>Section <c>Auth:Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>For how many days an entry of the audit log is kept; 0 for ever.</summary>
    [Range(0, 36_500, ErrorMessage = "Auth:Audit:RetentionDays must be between 0 (for ever) and 36500.")]
    public int RetentionDays { get; set; } = 365;
}
