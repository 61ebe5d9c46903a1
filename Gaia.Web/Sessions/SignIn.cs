using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;
using Microsoft.AspNetCore.Authentication;

namespace Gaia.Web.Sessions;

/// <summary>Begins, renews and ends what a browser's cookie stands for.</summary>
internal sealed class SignIn(GatewayTransport gateway, SessionStore store, TokenRefresher refresher, IHttpContextAccessor requests)
{
    private HttpContext Http => requests.HttpContext!;

    /// <summary>Signs in whoever these tokens are of.</summary>
    /// <exception cref="GatewayException">The tokens do not count.</exception>
    public async Task<WebUser> BeginAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        var user = await ReadUserAsync(tokens.AccessToken, cancellationToken);
        await Http.SignInAsync(user.ToPrincipal(), SessionStore.Begin(tokens));
        return user;
    }

    /// <summary>Has the session say what is known of its user now.</summary>
    /// <exception cref="SignedOutException">There is no session.</exception>
    public async Task<WebUser> RenewUserAsync(CancellationToken cancellationToken)
    {
        var session = Http.Features.Get<CurrentSession>() ?? throw new SignedOutException();
        var tokens = await refresher.GetAsync(session, cancellationToken);
        var user = await ReadUserAsync(tokens.AccessToken, cancellationToken);
        await store.ChangeUserAsync(session.Id, user.ToPrincipal(), cancellationToken);
        return user;
    }

    /// <summary>Ends the session here and at the gateway. The former counts whatever the latter answers.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        var session = Http.Features.Get<CurrentSession>();
        await Http.SignOutAsync();
        if (session?.Tokens.RefreshToken is null)
            return;
        try
        {
            // Only a token that counts ends the others.
            var tokens = await refresher.LastAsync(session.Tokens, cancellationToken);
            using var answer = await gateway.SendAsync(HttpMethod.Post, "/api/v1/auth/logout", null, tokens.AccessToken, GatewayTransport.Client, cancellationToken);
        }
        catch (Exception exception) when (exception is GatewayException or DependencyUnavailableException)
        {
            // The tokens are gone from here, and end by themselves.
        }
    }

    private async Task<WebUser> ReadUserAsync(string accessToken, CancellationToken cancellationToken) =>
        (await gateway.SendAsync(HttpMethod.Get, "/api/v1/auth/user", null, accessToken, WebJson.Default.UserAnswer, cancellationToken)).ToWebUser();
}
