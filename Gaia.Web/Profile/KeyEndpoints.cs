using System.Globalization;
using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Profile;

/// <summary>A person's own API keys, through the gateway.</summary>
internal static class KeyEndpoints
{
    private const string Keys = "/api/v1/auth/keys";

    internal static void MapKeys(this IEndpointRouteBuilder profile)
    {
        profile.MapPost("/keys", CreateAsync);
        profile.MapPost("/keys/{id:guid}/rename", RenameAsync);
        profile.MapPost("/keys/{id:guid}/revoke", RevokeAsync);
    }

    /// <returns>Those that count; null when the gateway does not tell.</returns>
    internal static async Task<IReadOnlyList<KeyAnswer>?> ListAsync(GatewayApi gateway, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await gateway.GetAsync(Keys, WebJson.Default.KeyListAnswer, cancellationToken)).Keys.Where(static key => key.IsActive)];
        }
        catch (Exception exception) when (exception is GatewayException or DependencyUnavailableException { Dependency: "gateway" })
        {
            return null;
        }
    }

    internal static RazorComponentResult<ProfilePage> Page(ProfileView view) => new(new { View = view });

    private static async Task<IResult> CreateAsync(HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        int? days = int.TryParse(fields["expires_in_days"], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
        return await ShowAsync(http, gateway, () => gateway.SendAsync(
            HttpMethod.Post, Keys, GatewayBody.Of(new NewKeyBody(fields["name"].ToString(), days), WebJson.Default.NewKeyBody), WebJson.Default.KeyAnswer, cancellationToken)!, cancellationToken);
    }

    private static async Task<IResult> RenameAsync(Guid id, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var name = (await http.Request.ReadFormAsync(cancellationToken))["name"].ToString();
        return await ShowAsync(http, gateway, async () =>
        {
            await gateway.SendAsync(HttpMethod.Patch, $"{Keys}/{id}", GatewayBody.Of(new KeyNameBody(name), WebJson.Default.KeyNameBody), cancellationToken);
            return null;
        }, cancellationToken);
    }

    private static Task<IResult> RevokeAsync(Guid id, HttpContext http, GatewayApi gateway, CancellationToken cancellationToken) => ShowAsync(http, gateway, async () =>
    {
        await gateway.SendAsync(HttpMethod.Delete, $"{Keys}/{id}", null, cancellationToken);
        return null;
    }, cancellationToken);

    private static async Task<IResult> ShowAsync(HttpContext http, GatewayApi gateway, Func<Task<KeyAnswer?>> change, CancellationToken cancellationToken)
    {
        KeyAnswer? created = null;
        string? error = null;
        try
        {
            created = await change();
        }
        catch (GatewayException refused)
        {
            error = refused.Detail;
        }

        // The answer may hold a key.
        http.Response.Headers.CacheControl = "no-store";
        var keys = await ListAsync(gateway, cancellationToken);
        return http.Request.IsHtmx()
            ? new RazorComponentResult<ApiKeys>(new { Keys = keys, Created = created, Error = error })
            : Page(new ProfileView(WebUser.From(http.User)!) { Keys = keys, Created = created, KeyError = error });
    }
}
