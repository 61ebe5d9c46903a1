using System.Text.Json;

namespace Gaia.Web.Sessions;

/// <summary>What htmx tells of a request, and is told with an answer.</summary>
internal static class Htmx
{
    /// <summary>Whether a part of a page is asked for. A page that htmx restores from the history is a whole one.</summary>
    public static bool IsHtmx(this HttpRequest request) =>
        request.Headers["HX-Request"] == "true" && request.Headers["HX-History-Restore-Request"] != "true";

    /// <summary>The page in front of the person, as a path of this site; null when it is not known.</summary>
    public static string? CurrentPage(this HttpRequest request) =>
        Uri.TryCreate(request.Headers["HX-Current-URL"].ToString(), UriKind.Absolute, out var url)
        && string.Equals(url.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
            ? LocalUrl.Check(url.PathAndQuery)
            : null;

    /// <summary>Leads the browser to another page: htmx with a header, everybody else with a 303.</summary>
    /// <param name="context">The request.</param>
    /// <param name="url">A path of this site.</param>
    public static void Lead(this HttpContext context, string url)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.IsHtmx())
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.Headers["HX-Redirect"] = url;
            return;
        }

        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = url;
    }

    /// <summary>Has the page show a toast: <c>success</c>, <c>error</c>, <c>info</c> or <c>warning</c>.</summary>
    public static void ShowToast(this HttpResponse response, string kind, string text) =>
        response.Trigger("toast", new() { ["kind"] = kind, ["text"] = text });

    /// <summary>Has the page receive an event; one with an answer.</summary>
    public static void Trigger(this HttpResponse response, string name, Dictionary<string, string> detail) =>
        response.Headers["HX-Trigger"] = JsonSerializer.Serialize(
            new Dictionary<string, Dictionary<string, string>> { [name] = detail }, WebJson.Default.DictionaryStringDictionaryStringString);
}

/// <summary>Leads to another page, however the browser asked.</summary>
/// <param name="url">A path of this site.</param>
/// <param name="text">For whoever reads the answer and goes nowhere.</param>
internal sealed class LeadResult(string url, string? text = null) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Lead(url);
        return text is null ? Task.CompletedTask : httpContext.Response.WriteAsync(text, httpContext.RequestAborted);
    }
}
