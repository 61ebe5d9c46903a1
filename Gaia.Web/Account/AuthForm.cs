using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Account;

/// <summary>What the form of login or registration shows.</summary>
public sealed record AuthForm(bool IsLogin)
{
    public bool ShowDevelopment { get; init; }

    public string? Email { get; init; }

    public string? Error { get; init; }

    public string? Notice { get; init; }

    /// <summary>Where the person was, as a path of this site.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>The form alone for htmx, otherwise its page.</summary>
    internal IResult Show(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Request.IsHtmx()
            ? new RazorComponentResult<GaiaAuthForm>(new { IsLogin, ShowDevelopment, Email, Error, Notice, ReturnUrl })
            : new RazorComponentResult<AuthPage>(new { Form = this });
    }
}
