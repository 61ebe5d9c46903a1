using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Options;

namespace Gaia.Gateway.Edge;

/// <summary>
/// Refuses a body that says it is too large before anything else looks at the request. Kestrel stops one that does not say so
/// while it is being relayed.
/// </summary>
internal sealed class BodySizeMiddleware(RequestDelegate next, IOptions<EdgeOptions> options)
{
    private readonly long _limit = options.Value.MaxRequestBodyBytes;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > _limit)
        {
            context.Response.Headers.Connection = "close";
            return context.WriteErrorAsync(StatusCodes.Status413PayloadTooLarge, $"Request body is too large: send at most {_limit} bytes");
        }

        return next(context);
    }
}
