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
    internal const string TooLarge = "That is too large to be sent. Shorten it and try again.";
    internal const string Unreadable = "The form cannot be read. Reload the page and try again.";
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

        // Here, so that what is wrong with a form is said in one way, whoever reads it first.
        if (request.HasFormContentType && await ReadFormAsync(request) is var (status, text))
        {
            await RefuseAsync(context, status, text);
            return;
        }

        try
        {
            await antiforgery.ValidateRequestAsync(context);
        }
        catch (AntiforgeryValidationException exception)
        {
            LogRefused(request.Method, request.Path, exception.Message);
            await RefuseAsync(context, StatusCodes.Status400BadRequest, Expired);
            return;
        }

        await next(context);
    }

    /// <returns>What is wrong with it; null when nothing is.</returns>
    private static async Task<(int Status, string Text)?> ReadFormAsync(HttpRequest request)
    {
        try
        {
            await request.ReadFormAsync(request.HttpContext.RequestAborted);
            return null;
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (exception.StatusCode, TooLarge);
        }
        catch (InvalidDataException)
        {
            return (StatusCodes.Status400BadRequest, Unreadable);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string text) => ErrorPages.WantsPage(context.Request)
        ? ErrorPages.WriteAsync(context, status, text: text)
        : context.WriteErrorAsync(status, text);

    [LoggerMessage(LogLevel.Information, "{Method} {Path} came without the token of one of our pages: {Reason}")]
    private partial void LogRefused(string method, PathString path, string reason);
}

internal static class AntiforgeryExtensions
{
    /// <summary>For calls that are no page's and look at no cookie.</summary>
    internal static TBuilder WithoutAntiforgery<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new WithoutAntiforgery());

    /// <summary>The token for the page that is being rendered; null on pages that hold no forms.</summary>
    internal static string? AntiforgeryToken(this HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<SessionUse>() is { IsNew: false } || context.Response.HasStarted || ErrorPages.IsErrorPage(context))
            return null;
        // The token's page is kept nowhere: that is set here in any case, with a warning where something else was said before.
        context.Response.Headers.CacheControl = default;
        return context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken;
    }
}
