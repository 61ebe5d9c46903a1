using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;

namespace Gaia.Web.Account;

/// <summary>The shortcut of the legacy system for developers: its user and the key that its README prints. In Development alone; elsewhere the key is refused by Auth, too.</summary>
internal static class DevelopmentLogin
{
    private const string Key = "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE";

    private static readonly string[] Passwords = ["test", "testtest"];

    internal static bool IsMeant(IHostEnvironment environment, string email, string password) =>
        environment.IsDevelopment() && email == AccountEndpoints.DevelopmentEmail && Passwords.Contains(password);

    internal static async Task<IResult> BeginAsync(HttpContext http, AuthForm form, SignIn signIn, CancellationToken cancellationToken)
    {
        try
        {
            await signIn.BeginAsync(new SessionTokens(Key, null, DateTimeOffset.MaxValue), cancellationToken);
            return new LeadResult(form.ReturnUrl ?? LoginEndpoints.Home, "Development login successful");
        }
        catch (GatewayException)
        {
            return (form with { Error = "The development login is not available here" }).Show(http);
        }
        catch (DependencyUnavailableException unavailable) when (unavailable.Dependency == "gateway")
        {
            return (form with { Error = GatewayTransport.NoConnection }).Show(http);
        }
    }
}
