using Microsoft.AspNetCore.Http.Features;

namespace Gaia.Chat.Completions;

internal static class EventStream
{
    /// <summary>Makes the answer an event stream that nothing on its way holds back.</summary>
    internal static void BeginEventStream(this HttpContext http)
    {
        var response = http.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        http.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
    }
}
