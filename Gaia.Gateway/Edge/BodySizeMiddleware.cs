using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Gaia.Gateway.Edge;

/// <summary>
/// Refuses a body that says it is too large before anything else looks at the request. Kestrel stops one that does not say so
/// while it is being relayed.
/// </summary>
internal sealed class BodySizeMiddleware(RequestDelegate next, IOptions<EdgeOptions> options)
{
    /// <summary>How much is read of a body that is refused, as a multiple of the limit.</summary>
    private const int MaxDrained = 8;

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private readonly long _limit = options.Value.MaxRequestBodyBytes;

    public Task InvokeAsync(HttpContext context) => context.Request.ContentLength > _limit ? RefuseAsync(context) : next(context);

    /// <summary>
    /// The answer goes out at once, for a client that reads while it sends. One that sends all before it reads would find a broken
    /// connection instead if nobody took what it sends.
    /// </summary>
    private async Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        await context.WriteErrorAsync(StatusCodes.Status413PayloadTooLarge, $"Request body is too large: send at most {_limit} bytes");
        await context.Response.CompleteAsync();
        await DrainAsync(context);
    }

    private async Task DrainAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = _limit * MaxDrained;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        end.CancelAfter(DrainTime);
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, end.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It is gone, too slow, or far too large: it has its answer.
        }
    }
}
