using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;

namespace Gaia.Web.Account;

/// <summary>Signs a made-up user in for browser tests that are not about that, in a stack that says <c>TEST_MODE=true</c>.</summary>
internal static class TestLogin
{
    private const string Domain = "@test.local";
    private const string DefaultPassword = "test-password-of-nobody";

    internal static async Task<IResult> BeginAsync(HttpContext http, GatewayTransport gateway, SignIn signIn, CancellationToken cancellationToken)
    {
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        var email = fields["email"].ToString().Trim();
        var form = new AuthForm(IsLogin: true) { Email = email, ReturnUrl = LocalUrl.Check(fields["return_url"]) };
        if (!email.EndsWith(Domain, StringComparison.OrdinalIgnoreCase))
            return (form with { Error = "Test login is only for addresses of test.local" }).Show(http);
        var password = fields["password"].ToString() is { Length: > 0 } given ? given : DefaultPassword;
        try
        {
            await signIn.BeginAsync(await SessionOfAsync(gateway, email, password, cancellationToken), cancellationToken);
            return new LeadResult(form.ReturnUrl ?? LoginEndpoints.Home);
        }
        catch (GatewayException refused)
        {
            return (form with { Error = refused.Detail }).Show(http);
        }
        catch (DependencyUnavailableException unavailable) when (unavailable.Dependency == "gateway")
        {
            return (form with { Error = GatewayTransport.NoConnection }).Show(http);
        }
    }

    private static async Task<SessionTokens> SessionOfAsync(GatewayTransport gateway, string email, string password, CancellationToken cancellationToken)
    {
        SessionAnswer answer;
        try
        {
            answer = await LoginEndpoints.AskAsync(gateway, "login", email, password, cancellationToken);
        }
        catch (GatewayException refused) when (refused.Status == StatusCodes.Status400BadRequest)
        {
            answer = await LoginEndpoints.AskAsync(gateway, "register", email, password, cancellationToken);
        }

        return answer.Session?.ToTokens() ?? throw new GatewayException(StatusCodes.Status400BadRequest, "This address has to be confirmed first");
    }
}
