using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;

namespace Gaia.Web.Account;

/// <summary>Making an account, and confirming that its address is one's own.</summary>
internal static class RegisterEndpoints
{
    internal const string Resent = "If this address waits for verification, a mail is on its way.";

    internal static void MapRegistration(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/register", ShowRegister).AllowAnonymous();
        routes.MapPost("/auth/register", RegisterAsync).AllowAnonymous().BeginsSession();
        routes.MapPost("/auth/signup", RegisterAsync).AllowAnonymous().BeginsSession();
        routes.MapGet("/email-verification", static (HttpContext http, string? email) => VerificationPage.Show(http, email?.Trim() ?? "", isReminder: false)).AllowAnonymous();
        routes.MapPost("/auth/resend-verification", ResendAsync).AllowAnonymous();
        routes.MapGet("/auth/confirm", ConfirmAsync).AllowAnonymous();
    }

    private static IResult ShowRegister(HttpContext http, string? return_url) =>
        http.User.Identity?.IsAuthenticated == true
            ? new LeadResult(LocalUrl.Check(return_url) ?? LoginEndpoints.Home)
            : new AuthForm(IsLogin: false) { ReturnUrl = LocalUrl.Check(return_url) }.Show(http);

    private static async Task<IResult> RegisterAsync(HttpContext http, GatewayTransport gateway, SignIn signIn, CancellationToken cancellationToken)
    {
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        var form = new AuthForm(IsLogin: false) { Email = fields["email"].ToString().Trim(), ReturnUrl = LocalUrl.Check(fields["return_url"]) };
        var password = fields["password"].ToString();
        if (form.Email.Length == 0 || password.Length == 0)
            return (form with { Error = "Email and password are required" }).Show(http);
        try
        {
            var answer = await LoginEndpoints.AskAsync(gateway, "register", form.Email, password, cancellationToken);
            if (answer.Session is null)
                return VerificationPage.Show(http, form.Email, isReminder: false);
            await signIn.BeginAsync(answer.Session.ToTokens(), cancellationToken);
            return new LeadResult(form.ReturnUrl ?? LoginEndpoints.Home);
        }
        catch (GatewayException refused)
        {
            return (form with { Error = refused.Status < StatusCodes.Status500InternalServerError ? refused.Detail : "Registration failed. Please try again." }).Show(http);
        }
        catch (DependencyUnavailableException unavailable) when (unavailable.Dependency == "gateway")
        {
            return (form with { Error = GatewayTransport.NoConnection }).Show(http);
        }
    }

    private static async Task<IResult> ResendAsync(HttpContext http, GatewayTransport gateway, CancellationToken cancellationToken)
    {
        var email = (await http.Request.ReadFormAsync(cancellationToken))["email"].ToString().Trim();
        if (email.Length == 0)
            return MessagePage.Show(http, "error", "Please enter your email address");
        try
        {
            using var answer = await gateway.SendAsync(
                HttpMethod.Post, "/api/v1/auth/resend-verification", GatewayBody.Of(new EmailBody(email), WebJson.Default.EmailBody), null, GatewayTransport.Client, cancellationToken);
            return MessagePage.Show(http, "success", Resent);
        }
        catch (GatewayException refused) when (refused.Status == StatusCodes.Status400BadRequest)
        {
            // Whether the address has an account, or has been confirmed, is nobody else's business.
            return MessagePage.Show(http, "success", Resent);
        }
        catch (GatewayException refused)
        {
            return MessagePage.Show(http, "error", refused.Detail);
        }
        catch (DependencyUnavailableException)
        {
            return MessagePage.Show(http, "error", GatewayTransport.NoConnection);
        }
    }

    /// <summary>
    /// Where the links in mails lead. Gaia's own bring a token; those of a Supabase project, which has confirmed the address before,
    /// bring a session behind the #, which nobody is signed in with: a link must not decide who somebody is.
    /// </summary>
    private static async Task<IResult> ConfirmAsync(HttpContext http, string? token, string? type, string? email, GatewayTransport gateway, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (string.IsNullOrEmpty(token) && string.IsNullOrEmpty(email))
            return ConfirmPage.Show(null);
        if (string.IsNullOrEmpty(token) || string.IsNullOrEmpty(email) || type is not (null or "" or "signup" or "email"))
            return ConfirmPage.Show("Confirmation link is expired or invalid");
        try
        {
            using var answer = await gateway.SendAsync(
                HttpMethod.Post, "/api/v1/auth/confirm", GatewayBody.Of(new ConfirmationBody(token, email), WebJson.Default.ConfirmationBody), null, GatewayTransport.Client, cancellationToken);
            return new LeadResult("/login?verified=true");
        }
        catch (GatewayException refused)
        {
            return ConfirmPage.Show(refused.Detail);
        }
    }
}
