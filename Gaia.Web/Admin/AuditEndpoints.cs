using System.Globalization;
using Gaia.Web.Gateway;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Admin;

/// <summary>What is looked for in the audit log.</summary>
/// <param name="User">An address or an id.</param>
/// <param name="Since">UTC, as the field of a form has it.</param>
public sealed record AuditQuery(string? User, string? Kind, string? Since, string? Until, string? Cursor);

/// <summary>The log of security events.</summary>
internal static class AuditEndpoints
{
    internal static readonly Administers Rule = new("users", "system");

    private const int PageSize = 50;

    internal static void MapAudit(this IEndpointRouteBuilder pages) => pages.MapGet("/audit", ShowAsync).WithMetadata(Rule);

    private static async Task<RazorComponentResult<AuditPage>> ShowAsync(
        string? user, string? kind, string? since, string? until, string? cursor, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var query = new AuditQuery(user?.Trim(), kind?.Trim(), since, until, cursor);
        if (!IsTime(since) || !IsTime(until))
            return Show(query, null, "Please give times as dates with a time of day.");
        var id = await FindAsync(query.User, gateway, cancellationToken);
        if (id is null && !string.IsNullOrEmpty(query.User))
            return Show(query, null, "No user has this address.");
        var entries = await gateway.GetAsync(
            AdminText.Url(AdminPaths.Audit, ("user_id", id), ("event_type", query.Kind), ("since", since), ("until", until), ("cursor", cursor), ("limit", PageSize)),
            AdminJson.Default.AuditEntries, cancellationToken);
        return Show(query, entries, null);
    }

    private static RazorComponentResult<AuditPage> Show(AuditQuery query, AuditEntries? entries, string? error) => new(new { Query = query, Entries = entries, Error = error });

    /// <summary>The log knows users by their ids; people know their addresses.</summary>
    private static async Task<string?> FindAsync(string? user, GatewayApi gateway, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(user) || !user.Contains('@', StringComparison.Ordinal))
            return user;
        var found = await gateway.GetAsync(AdminText.Url(AdminPaths.Users, ("search", user), ("limit", 20)), AdminJson.Default.ListingUserItem, cancellationToken);
        return found.Items.FirstOrDefault(item => item.Email.Equals(user, StringComparison.OrdinalIgnoreCase))?.Id.ToString();
    }

    private static bool IsTime(string? text) => string.IsNullOrEmpty(text) || DateTime.TryParse(text, CultureInfo.InvariantCulture, out _);
}
