using Gaia.Web.Design;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Admin;

/// <summary>What the list of keys is asked for.</summary>
/// <param name="All">With those that count no longer.</param>
public sealed record KeyQuery(string? Search, string? Sort, bool All, int Offset)
{
    internal string ToUrl(string path) => AdminText.Url(path, ("search", Search), ("sort", Sort), ("all", All ? "true" : null), ("offset", Offset == 0 ? null : Offset));
}

public sealed record KeysView(Listing<KeyItem> Keys, KeyQuery Query, Notice? Notice);

/// <summary>The API keys of all users, and the limits.</summary>
internal static class KeyEndpoints
{
    private const int PageSize = 50;

    internal static void MapKeys(this IEndpointRouteBuilder pages)
    {
        var keys = pages.MapGroup("/keys").Administers("users");
        keys.MapGet("", ShowAsync);
        keys.MapPost("/{id:guid}/revoke", RevokeAsync);
        keys.MapPost("/{id:guid}/limit", LimitAsync);
        pages.MapGet("/limits", ShowLimitsAsync).Administers("users", "system");
    }

    private static async Task<RazorComponentResult<KeysPage>> ShowAsync(HttpRequest request, GatewayApi gateway, CancellationToken cancellationToken) =>
        new(new { View = await ReadAsync(request, null, gateway, cancellationToken) });

    private static Task<IResult> RevokeAsync(Guid id, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken) =>
        ChangeAsync(http, gateway, HttpMethod.Delete, $"{AdminPaths.Keys}/{id}", null, "The key is revoked.", cancellationToken);

    private static async Task<IResult> LimitAsync(Guid id, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        var (permits, seconds) = (fields["permits"].ToString().Trim(), fields["seconds"].ToString().Trim());
        var limit = permits.Length == 0 ? null : $"{permits}/{seconds}/{(fields["burst"].ToString().Trim() is { Length: > 0 } burst ? burst : permits)}";
        var body = GatewayBody.Of(new KeyLimit(limit), AdminJson.Default.KeyLimit);
        return await ChangeAsync(
            http, gateway, HttpMethod.Put, $"{AdminPaths.Keys}/{id}/rate-limit", body, limit is null ? "The key has the limit of everybody again." : "The key has a limit of its own.", cancellationToken);
    }

    private static async Task<RazorComponentResult<LimitsPage>> ShowLimitsAsync(HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var keys = new Administers("users").Allows(WebUser.From(http.User))
            ? gateway.GetAsync(AdminText.Url(AdminPaths.Keys, ("limited", "true"), ("limit", PageSize)), AdminJson.Default.ListingKeyItem, cancellationToken).OrNullAsync()
            : Task.FromResult<Listing<KeyItem>?>(null);
        var limits = await gateway.GetAsync(AdminPaths.Limits, AdminJson.Default.Limits, cancellationToken);
        return new RazorComponentResult<LimitsPage>(new { Limits = limits, Keys = await keys });
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext http, GatewayApi gateway, HttpMethod method, string path, GatewayBody? body, string done, CancellationToken cancellationToken)
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

        var view = await ReadAsync(http.Request, notice, gateway, cancellationToken);
        return http.Request.IsHtmx() ? new RazorComponentResult<KeysPanel>(new { View = view, IsUpdate = true }) : new RazorComponentResult<KeysPage>(new { View = view });
    }

    /// <summary>The list as the query of the address says, also after a change.</summary>
    private static async Task<KeysView> ReadAsync(HttpRequest request, Notice? notice, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var sort = request.Query["sort"].ToString();
        _ = int.TryParse(request.Query["offset"], out var offset);
        var query = new KeyQuery(request.Query["search"].ToString().Trim(), sort is "used" or "user" ? sort : null, request.Query["all"] == "true", Math.Max(0, offset));
        var path = AdminText.Url(
            AdminPaths.Keys, ("search", query.Search), ("sort", query.Sort), ("active", query.All ? null : "true"), ("offset", query.Offset), ("limit", PageSize));
        return new KeysView(await gateway.GetAsync(path, AdminJson.Default.ListingKeyItem, cancellationToken), query, notice);
    }
}
