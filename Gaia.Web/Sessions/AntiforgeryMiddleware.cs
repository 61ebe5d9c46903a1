using Gaia.ServiceDefaults.Http;
using Gaia.Web.Errors;
using Microsoft.AspNetCore.Antiforgery;

namespace Gaia.Web.Sessions;

/// <summary>Whether an endpoint changes something without a token of antiforgery: it takes no cookie into account.</summary>
internal sealed class WithoutAntiforgery;

/// <summary>
/// Refuses every change that does not come from a page of ours: whatever is not a read needs the token that the page holds, as the
/// header of every htmx request or the hidden field of a form.
/// </summary>
internal sealed partial class AntiforgeryMiddleware(RequestDelegate next, IAntiforgery antiforgery, ILogger<AntiforgeryMiddleware> logger)
{
    internal const string Header = "RequestVerificationToken";
    internal const string Expired = "This page is out of date. Reload it and try again.";

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) || HttpMethods.IsTrace(request.Method)
            || context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<WithoutAntiforgery>() is not null)
        {
            await next(context);
            return;
        }

        try
        {
            await antiforgery.ValidateRequestAsync(context);
        }
        catch (AntiforgeryValidationException exception)
        {
            LogRefused(request.Method, request.Path, exception.Message);
            if (request.IsHtmx() || !ErrorPages.WantsPage(request))
                await context.WriteErrorAsync(StatusCodes.Status400BadRequest, Expired);
            else
                await ErrorPages.WriteAsync(context, StatusCodes.Status400BadRequest, text: Expired);
            return;
        }

        await next(context);
    }

    [LoggerMessage(LogLevel.Information, "{Method} {Path} came without the token of one of our pages: {Reason}")]
    private partial void LogRefused(string method, PathString path, string reason);
}

internal static class AntiforgeryExtensions
{
    /// <summary>For calls that are no page's and look at no cookie.</summary>
    internal static TBuilder WithoutAntiforgery<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new WithoutAntiforgery());

    /// <summary>The token for the page that is being rendered; null on pages that hold no forms.</summary>
    internal static string? AntiforgeryToken(this HttpContext context) =>
        context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<SessionUse>() is not { IsNew: false } && !context.Response.HasStarted && !ErrorPages.IsErrorPage(context)
            ? context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken
            : null;
}
