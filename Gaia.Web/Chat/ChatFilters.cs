using Gaia.ServiceDefaults.Http;
using Gaia.Web.Chat.Answers;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Chat;

/// <summary>Says on the page what the gateway refused. htmx puts nothing with an error's status into a page.</summary>
internal static class ChatFilters
{
    /// <summary>Refusals stand above the input, and nothing else on the page changes.</summary>
    public static async ValueTask<object?> AboveInput(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (exception is GatewayException or DependencyUnavailableException && context.HttpContext.Request.IsHtmx())
        {
            return Error(context.HttpContext, Words(exception));
        }
    }

    /// <summary>Refusals are toasts, and nothing on the page changes.</summary>
    public static async ValueTask<object?> AsToast(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (exception is GatewayException or DependencyUnavailableException && context.HttpContext.Request.IsHtmx())
        {
            context.HttpContext.Response.Headers["HX-Reswap"] = "none";
            context.HttpContext.Response.ShowToast("error", Words(exception));
            return TypedResults.Ok();
        }
    }

    public static RazorComponentResult<ChatError> Error(HttpContext http, string text)
    {
        http.Response.Headers["HX-Retarget"] = "#chat-errors";
        http.Response.Headers["HX-Reswap"] = "innerHTML";
        return new RazorComponentResult<ChatError>(new { Text = text });
    }

    private static string Words(Exception exception) => exception is GatewayException refused ? refused.Detail : GatewayTransport.NoConnection;
}
