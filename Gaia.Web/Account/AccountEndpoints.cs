using Gaia.Web.Gateway;
using Gaia.Web.Sessions;

namespace Gaia.Web.Account;

internal static class AccountEndpoints
{
    internal const string DevelopmentEmail = "dev@gaia.local";

    internal static void MapAccount(this WebApplication app)
    {
        app.MapLogin();
        app.MapRegistration();
        app.MapSession();
        if (app.Environment.IsDevelopment())
        {
            app.MapPost("/auth/dev-login", static (HttpContext http, SignIn signIn, CancellationToken cancellationToken) =>
                DevelopmentLogin.BeginAsync(http, new AuthForm(IsLogin: true) { Email = DevelopmentEmail, ShowDevelopment = true }, signIn, cancellationToken))
                .AllowAnonymous().BeginsSession();
        }

        if (app.Configuration.GetValue<bool>("TEST_MODE"))
        {
            app.MapPost("/auth/test-login", static (HttpContext http, GatewayTransport gateway, SignIn signIn, CancellationToken cancellationToken) =>
                TestLogin.BeginAsync(http, gateway, signIn, cancellationToken))
                .AllowAnonymous().BeginsSession();
        }
    }
}
