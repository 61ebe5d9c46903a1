using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Account;

/// <summary>Signing in and out.</summary>
internal static class LoginEndpoints
{
    internal const string WrongPassword = "Invalid email or password";
    internal const string Failed = "Login failed. Please try again.";
    internal const string Home = "/chat";

    private const string Unconfirmed = "Email not confirmed";

    internal static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", static (HttpContext http) => new LeadResult(http.User.Identity?.IsAuthenticated == true ? Home : "/login")).AllowAnonymous();
        routes.MapGet("/login", ShowLogin).AllowAnonymous();
        routes.MapPost("/auth/login", LoginAsync).AllowAnonymous().BeginsSession();
        routes.MapGet("/logout", ShowLogout).AllowAnonymous();
        routes.MapPost("/logout", LogoutAsync).AllowAnonymous();
    }

    private static IResult ShowLogin(HttpContext http, string? return_url, bool? verified, IHostEnvironment environment) =>
        http.User.Identity?.IsAuthenticated == true
            ? new LeadResult(LocalUrl.Check(return_url) ?? Home)
            : new AuthForm(IsLogin: true)
            {
                Notice = verified == true ? "Email verified successfully! You can now sign in." : null,
                ReturnUrl = LocalUrl.Check(return_url),
                ShowDevelopment = environment.IsDevelopment(),
            }.Show(http);

    private static async Task<IResult> LoginAsync(HttpContext http, GatewayTransport gateway, SignIn signIn, IHostEnvironment environment, CancellationToken cancellationToken)
    {
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        var form = new AuthForm(IsLogin: true)
        {
            Email = fields["email"].ToString().Trim(),
            ReturnUrl = LocalUrl.Check(fields["return_url"]),
            ShowDevelopment = environment.IsDevelopment(),
        };
        var password = fields["password"].ToString();
        if (DevelopmentLogin.IsMeant(environment, form.Email, password))
            return await DevelopmentLogin.BeginAsync(http, form, signIn, cancellationToken);
        if (form.Email.Length == 0 || password.Length == 0)
            return (form with { Error = "Email and password are required" }).Show(http);
        try
        {
            var answer = await AskAsync(gateway, "login", form.Email, password, cancellationToken);
            if (answer.Session is null)
                return VerificationPage.Unverified(http, form.Email);
            await signIn.BeginAsync(answer.Session.ToTokens(), cancellationToken);
            return new LeadResult(form.ReturnUrl ?? Home);
        }
        catch (GatewayException refused) when (refused.Detail.Contains(Unconfirmed, StringComparison.OrdinalIgnoreCase))
        {
            return VerificationPage.Unverified(http, form.Email);
        }
        catch (GatewayException refused)
        {
            return (form with { Error = Explain(refused) }).Show(http);
        }
        catch (DependencyUnavailableException unavailable) when (unavailable.Dependency == "gateway")
        {
            return (form with { Error = GatewayTransport.NoConnection }).Show(http);
        }
    }

    /// <summary>A link, wherever it stands, must not sign anybody out: it asks.</summary>
    private static IResult ShowLogout(HttpContext http)
    {
        if (http.User.Identity?.IsAuthenticated != true)
            return new LeadResult("/login");
        http.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<LogoutPage>();
    }

    private static async Task<IResult> LogoutAsync(SignIn signIn, CancellationToken cancellationToken)
    {
        await signIn.EndAsync(cancellationToken);
        return new LeadResult("/login");
    }

    internal static Task<SessionAnswer> AskAsync(GatewayTransport gateway, string operation, string email, string password, CancellationToken cancellationToken) =>
        gateway.SendAsync(
            HttpMethod.Post, $"/api/v1/auth/{operation}", GatewayBody.Of(new CredentialsBody(email, password), WebJson.Default.CredentialsBody), null, WebJson.Default.SessionAnswer, cancellationToken);

    private static string Explain(GatewayException refused) => refused.Status switch
    {
        StatusCodes.Status429TooManyRequests => refused.Detail.Replace("Login failed: ", "", StringComparison.Ordinal),
        >= StatusCodes.Status500InternalServerError => Failed,
        _ when refused.Detail.Contains("Invalid login credentials", StringComparison.OrdinalIgnoreCase) => WrongPassword,
        _ => Failed,
    };
}
