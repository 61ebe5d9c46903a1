using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// HEAD is answered as GET is, without the body: routes need not name it. OPTIONS is answered with the methods of the path.
/// Has to run before routing.
/// </summary>
internal sealed class MethodMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var method = request.Method;
        if (HttpMethods.IsHead(method))
        {
            // The server remembers what was sent, and sends no body.
            context.Items[HeadRequest.Mark] = HeadRequest.Mark;
            request.Method = HttpMethods.Get;
        }

        try
        {
            await next(context);
        }
        finally
        {
            request.Method = method;
        }

        var response = context.Response;
        if (response.StatusCode != StatusCodes.Status405MethodNotAllowed || response.HasStarted)
            return;
        response.Headers.Allow = Complete(response.Headers.Allow);
        if (HttpMethods.IsOptions(method))
            response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Routing names what was mapped: HEAD and OPTIONS come from here.</summary>
    private static string Complete(StringValues allow)
    {
        var methods = allow.SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        if (methods.Contains(HttpMethods.Get))
            methods.Add(HttpMethods.Head);
        methods.Add(HttpMethods.Options);
        return string.Join(", ", methods.Distinct(StringComparer.OrdinalIgnoreCase));
    }
}

/// <summary>Tells a HEAD request from the GET request as which it is answered.</summary>
public static class HeadRequest
{
    internal static readonly object Mark = new();

    /// <summary>Whether the client sent HEAD. Within the pipeline <see cref="HttpRequest.Method"/> says GET then.</summary>
    public static bool IsHead(this HttpContext context) => context.Items.ContainsKey(Mark);
}
