using Gaia.Web.Errors;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Diagnostics;

namespace Gaia.Web.Sessions;

/// <summary>The session of this request is over, or there was none.</summary>
internal sealed class SignedOutException() : Exception("The session is over.");

/// <summary>Leads whoever is not, or no longer, signed in to the login, and afterwards back.</summary>
internal sealed class SignedOutHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not SignedOutException || httpContext.RequestAborted.IsCancellationRequested)
            return false;
        // Takes the cookie away, which this handler's caller has forgotten with all other headers.
        await httpContext.SignOutAsync();
        await AnswerAsync(httpContext);
        return true;
    }

    internal static Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.IsHtmx() && !ErrorPages.WantsPage(request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return context.Response.WriteAsJsonAsync(
                new Dictionary<string, string> { ["error"] = "Unauthorized" }, WebJson.Default.DictionaryStringString, cancellationToken: context.RequestAborted);
        }

        context.Lead(LocalUrl.Login(request.CurrentPage() ?? (HttpMethods.IsGet(request.Method) ? request.PathBase + request.Path + request.QueryString : null)));
        return Task.CompletedTask;
    }
}
