using Microsoft.AspNetCore.Http.Features;

namespace Gaia.Chat.Completions;

internal static class EventStream
{
    /// <summary>
    /// Names what is being made, for a client that means to come back to it: the conversation, the message that the answer will be, and the
    /// message that it answers.
    /// </summary>
    internal static void NameAnswer(this HttpResponse response, Guid conversationId, Guid messageId, Guid questionId)
    {
        response.Headers["X-Conversation-ID"] = conversationId.ToString();
        response.Headers["X-Message-ID"] = messageId.ToString();
        response.Headers["X-Question-ID"] = questionId.ToString();
    }

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
