using System.Buffers;
using System.Text;
using Gaia.Gateway.Edge;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Gaia.Gateway.Proxy;

/// <summary>
/// Passes a JSON body on without <see cref="ClaimedIdentity"/>. It has to be read whole for this, up to the limit for bodies. Legacy
/// clients do not all say that they send JSON; what says that it is a file passes as it comes.
/// </summary>
internal static class ClaimedIdentityMiddleware
{
    private const int FirstBuffer = 4096;
    private const int MaxFirstBuffer = 64 * 1024;
    private static readonly string[] Files = ["multipart/", "application/octet-stream", "image/", "audio/", "video/", "model/"];

    internal static Task DropAsync(HttpContext context, Func<Task> next)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }
            || (context.Request.ContentType is { } type && Files.Any(file => type.StartsWith(file, StringComparison.OrdinalIgnoreCase))))
        {
            return next();
        }

        return IsUtf8(context.Request.ContentType)
            ? RelayAsync(context, next)
            : context.WriteErrorAsync(StatusCodes.Status415UnsupportedMediaType, "Send JSON in UTF-8");
    }

    private static bool IsUtf8(string? contentType) =>
        contentType is null
        || !MediaTypeHeaderValue.TryParse(contentType, out var type)
        || type.Charset.Length == 0
        || type.Encoding is UTF8Encoding
        || HeaderUtilities.RemoveQuotes(type.Charset).Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    private static async Task RelayAsync(HttpContext context, Func<Task> next)
    {
        var request = context.Request;
        var limit = context.RequestServices.GetRequiredService<IOptions<EdgeOptions>>().Value.MaxRequestBodyBytes;
        // Who sends too much hears so when it has ended: one who still sends would see a broken connection.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit * 2;

        // As much as came, not as much as was announced.
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(request.ContentLength + 1 ?? FirstBuffer, MaxFirstBuffer));
        try
        {
            var length = 0;
            for (int read; (read = await request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted)) > 0;)
            {
                length += read;
                if (length > limit)
                {
                    await DrainAsync(request.Body, buffer, context.RequestAborted);
                    await context.WriteErrorAsync(StatusCodes.Status413PayloadTooLarge, $"Request body is too large: send at most {limit} bytes");
                    return;
                }

                if (length == buffer.Length)
                    Grow(ref buffer, length);
            }

            if (length > 0)
            {
                var rest = ClaimedIdentity.Drop(buffer.AsMemory(0, length), out var mistake);
                if (mistake is not null)
                {
                    await mistake.ExecuteAsync(context);
                    return;
                }

                request.Body = rest is null ? new MemoryStream(buffer, 0, length, writable: false) : new MemoryStream(rest, writable: false);
                request.ContentLength = request.Body.Length;
                request.Headers.Remove(HeaderNames.TransferEncoding);
            }

            await next();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task DrainAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        while (await body.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
