using Gaia.Web.Design;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Profile;

/// <summary>A person's own account: name, password, theme and API keys.</summary>
internal static class ProfileEndpoints
{
    private const string User = "/api/v1/auth/user";

    internal static void MapProfile(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/profile", GetAsync).RequireAuthorization();
        var profile = routes.MapGroup("/api/profile").RequireAuthorization();
        profile.MapPost("/update", UpdateAsync);
        profile.MapPost("/change-password", ChangePasswordAsync);
        profile.MapPost("/preferences", SaveThemeAsync);
        profile.MapKeys();
    }

    private static Task<IResult> GetAsync(HttpContext http, GatewayApi gateway, CancellationToken cancellationToken) => ShowAsync(http, gateway, null, cancellationToken);

    private static async Task<IResult> UpdateAsync(HttpContext http, GatewayApi gateway, SignIn signIn, CancellationToken cancellationToken)
    {
        var name = (await http.Request.ReadFormAsync(cancellationToken))["name"].ToString().Trim();
        if (name.Length == 0)
            return await ShowAsync(http, gateway, new Notice("error", "Please enter a name"), cancellationToken);
        return await TryAsync(http, gateway, new UpdateUserBody(null, null, new UpdateUserBody.Metadata(name)), "Profile updated", async () =>
        {
            http.User = (await signIn.RenewUserAsync(cancellationToken)).ToPrincipal();
        }, cancellationToken);
    }

    private static async Task<IResult> ChangePasswordAsync(HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        var (current, password) = (fields["current_password"].ToString(), fields["new_password"].ToString());
        if (current.Length == 0 || password.Length == 0)
            return await ShowAsync(http, gateway, new Notice("error", "All password fields are required"), cancellationToken);
        if (password != fields["confirm_password"])
            return await ShowAsync(http, gateway, new Notice("error", "New passwords do not match"), cancellationToken);
        return await TryAsync(http, gateway, new UpdateUserBody(password, current, null), "Password changed", static () => Task.CompletedTask, cancellationToken);
    }

    private static async Task<IResult> SaveThemeAsync(HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var theme = (await http.Request.ReadFormAsync(cancellationToken))["theme"].ToString();
        if (!Theme.All.Contains(theme))
            return await ShowAsync(http, gateway, new Notice("error", "Please choose a theme"), cancellationToken);
        Theme.Set(http, theme);
        if (!http.Request.IsHtmx())
            return new LeadResult("/profile");
        http.Response.Trigger("theme", new() { ["value"] = theme });
        return new RazorComponentResult<GaiaMessage>(new { Kind = "success", Text = "Theme saved" });
    }

    private static async Task<IResult> TryAsync(HttpContext http, GatewayApi gateway, UpdateUserBody change, string done, Func<Task> then, CancellationToken cancellationToken)
    {
        try
        {
            await gateway.SendAsync(HttpMethod.Put, User, GatewayBody.Of(change, WebJson.Default.UpdateUserBody), cancellationToken);
            await then();
            return await ShowAsync(http, gateway, new Notice("success", done), cancellationToken);
        }
        catch (GatewayException refused)
        {
            return await ShowAsync(http, gateway, new Notice("error", refused.Detail), cancellationToken);
        }
    }

    /// <summary>The message alone for htmx, which puts it into the page; otherwise the page with it.</summary>
    private static async Task<IResult> ShowAsync(HttpContext http, GatewayApi gateway, Notice? message, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (message is not null && http.Request.IsHtmx())
            return new RazorComponentResult<GaiaMessage>(new { message.Kind, message.Text });
        return KeyEndpoints.Page(new ProfileView(WebUser.From(http.User)!) { Message = message, Keys = await KeyEndpoints.ListAsync(gateway, cancellationToken) });
    }
}
