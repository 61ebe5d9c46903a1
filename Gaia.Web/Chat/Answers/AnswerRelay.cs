using System.Net.ServerSentEvents;
using System.Text.Json;
using Gaia.Web.Chat.Markdown;
using Microsoft.AspNetCore.Http.Features;

namespace Gaia.Web.Chat.Answers;

/// <summary>
/// Sends an answer on to a page as it comes: each piece is one small event, and where a block of Markdown is complete, one with its HTML.
/// Held is no more than the block that is still open. An answer that breaks off in the middle ends the response without its last event,
/// and the page asks again.
/// </summary>
internal sealed class AnswerRelay(HttpContext http)
{
    private const string Done = "[DONE]";

    private readonly BlockSplitter _blocks = new();

    public async Task RunAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        if (RunningAnswer.Of(answer) is not { } running)
        {
            await SendAsync(new AnswerEvent("end"), cancellationToken);
            await SendAsync(Done, cancellationToken);
            return;
        }

        await SendAsync(new AnswerEvent("start", MessageId: running.MessageId), cancellationToken);
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
            {
                if (item.Data == Done)
                {
                    await SendAsync(Done, cancellationToken);
                    return;
                }

                await RelayAsync(item.Data, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or JsonException)
        {
            // The gateway broke off. The page sees its stream end too early and comes back.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
    }

    private async Task RelayAsync(string data, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(data);
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            return;
        if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            await SendAsync(new AnswerEvent("error", Error: Text(error, "message") ?? "Gaia could not answer."), cancellationToken);
        }
        else if (root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0)
        {
            if (choices[0].TryGetProperty("delta", out var delta) && Text(delta, "content") is { Length: > 0 } piece)
                await AddAsync(piece, cancellationToken);
        }
        else if (Text(root, "type") == "done")
        {
            await SendAsync(new AnswerEvent("end", FinishReason: Text(root, "finish_reason")), cancellationToken);
        }
    }

    private Task AddAsync(string piece, CancellationToken cancellationToken) => _blocks.Add(piece) is { } complete
        ? SendAsync(new AnswerEvent("block", _blocks.Rest, MarkdownRenderer.ToHtml(complete)), cancellationToken)
        : SendAsync(new AnswerEvent("content", piece), cancellationToken);

    private Task SendAsync(AnswerEvent item, CancellationToken cancellationToken) =>
        SendAsync(JsonSerializer.Serialize(item, ChatJson.Default.AnswerEvent), cancellationToken);

    private async Task SendAsync(string data, CancellationToken cancellationToken)
    {
        await http.Response.WriteAsync($"data: {data}\n\n", cancellationToken);
        await http.Response.Body.FlushAsync(cancellationToken);
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
