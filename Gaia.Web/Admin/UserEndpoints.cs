using System.Globalization;
using Gaia.Web.Design;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Web.Admin;

/// <summary>What the list of users is asked for.</summary>
public sealed record UserQuery(string? Search, string? Role, string? Sort, int Offset);

/// <summary>What is known of one user. Parts that the gateway does not tell are null.</summary>
public sealed record UserView(UserDetails Details, IReadOnlyList<RoleItem>? Roles, Listing<KeyItem>? Keys, Notice? Notice);

/// <summary>Users, and what they may do.</summary>
internal static class UserEndpoints
{
    private const int PageSize = 50;

    internal static void MapUsers(this IEndpointRouteBuilder pages)
    {
        var users = pages.MapGroup("/users").Administers("users");
        users.MapGet("", ListAsync);
        users.MapGet("/{id:guid}", ShowAsync);
        users.MapPost("/{id:guid}/roles", GiveAsync);
        users.MapPost("/{id:guid}/roles/take", TakeAsync);
        users.MapPost("/{id:guid}/disable", DisableAsync);
        users.MapPost("/{id:guid}/enable", EnableAsync);
        users.MapPost("/{id:guid}/keys/{key:guid}/revoke", RevokeAsync);
    }

    private static async Task<RazorComponentResult<UsersPage>> ListAsync(
        string? search, string? role, string? sort, [FromQuery(Name = "offset")] int? offset, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var query = new UserQuery(search?.Trim(), role?.Trim(), sort is "email" ? sort : null, Math.Max(0, offset ?? 0));
        var path = AdminText.Url(AdminPaths.Users, ("search", query.Search), ("role", query.Role), ("sort", query.Sort), ("offset", query.Offset), ("limit", PageSize));
        var roles = gateway.GetAsync(AdminPaths.Roles, AdminJson.Default.ListingRoleItem, cancellationToken).OrNullAsync();
        var users = await gateway.GetAsync(path, AdminJson.Default.ListingUserItem, cancellationToken);
        return new RazorComponentResult<UsersPage>(new { Users = users, Roles = (await roles)?.Items, Query = query });
    }

    private static async Task<RazorComponentResult<UserPage>> ShowAsync(Guid id, GatewayApi gateway, CancellationToken cancellationToken) =>
        new(new { View = await ReadAsync(id, null, gateway, cancellationToken) });

    private static async Task<IResult> GiveAsync(Guid id, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        var role = fields["role"].ToString().Trim();
        var until = fields["until"].ToString();
        DateTime end = default;
        if (until.Length > 0 && !DateTime.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out end))
            return await AnswerAsync(id, http, gateway, new Notice("error", "Please give a date and a time, or neither"), cancellationToken);
        var body = GatewayBody.Of(new RoleGrant(role, until.Length > 0 ? end : null), AdminJson.Default.RoleGrant);
        return await ChangeAsync(id, http, gateway, HttpMethod.Post, $"{AdminPaths.Users}/{id}/roles", body, $"The role {role} was given.", cancellationToken);
    }

    private static async Task<IResult> TakeAsync(Guid id, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        var role = fields["role"].ToString();
        var path = AdminText.Url($"{AdminPaths.Users}/{id}/roles/{Uri.EscapeDataString(role)}", ("context_type", fields["context_type"]), ("context_id", fields["context_id"]));
        return await ChangeAsync(id, http, gateway, HttpMethod.Delete, path, null, $"The role {role} was taken.", cancellationToken);
    }

    private static Task<IResult> DisableAsync(Guid id, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken) =>
        ChangeAsync(id, http, gateway, HttpMethod.Post, $"{AdminPaths.Users}/{id}/disable", null, "The user is disabled, and every credential refused.", cancellationToken);

    private static Task<IResult> EnableAsync(Guid id, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken) =>
        ChangeAsync(id, http, gateway, HttpMethod.Post, $"{AdminPaths.Users}/{id}/enable", null, "The user may sign in again.", cancellationToken);

    private static Task<IResult> RevokeAsync(Guid id, Guid key, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken) =>
        ChangeAsync(id, http, gateway, HttpMethod.Delete, $"{AdminPaths.Keys}/{key}", null, "The key is revoked.", cancellationToken);

    private static async Task<IResult> ChangeAsync(
        Guid id, HttpContext http, GatewayApi gateway, HttpMethod method, string path, GatewayBody? body, string done, CancellationToken cancellationToken)
    {
        Notice notice;
        try
        {
            await gateway.SendAsync(method, path, body, cancellationToken);
            notice = new Notice("success", done);
        }
        catch (GatewayException refused)
        {
            notice = new Notice("error", refused.Detail);
        }

        return await AnswerAsync(id, http, gateway, notice, cancellationToken);
    }

    private static async Task<IResult> AnswerAsync(Guid id, HttpContext http, GatewayApi gateway, Notice notice, CancellationToken cancellationToken)
    {
        var view = await ReadAsync(id, notice, gateway, cancellationToken);
        return http.Request.IsHtmx() ? new RazorComponentResult<UserPanel>(new { View = view, IsUpdate = true }) : new RazorComponentResult<UserPage>(new { View = view });
    }

    private static async Task<UserView> ReadAsync(Guid id, Notice? notice, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var roles = gateway.GetAsync(AdminPaths.Roles, AdminJson.Default.ListingRoleItem, cancellationToken).OrNullAsync();
        var keys = gateway.GetAsync(AdminText.Url(AdminPaths.Keys, ("user_id", id), ("limit", PageSize)), AdminJson.Default.ListingKeyItem, cancellationToken).OrNullAsync();
        var details = await gateway.GetAsync($"{AdminPaths.Users}/{id}", AdminJson.Default.UserDetails, cancellationToken);
        return new UserView(details, (await roles)?.Items, await keys, notice);
    }
}
