using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gaia.Tests.Infrastructure;

internal delegate Task ScriptedProviderStep(ScriptedProviderExchange exchange, CancellationToken cancellationToken);

/// <summary>
/// What the provider does with the requests to come, one step for each in the order given; the last step stays in force. A request that asks for a stream gets
/// one, any other gets the whole body, whatever the step.
/// </summary>
public class ScriptedProviderScript
{
    private readonly Queue<ScriptedProviderStep> _steps = new();
    private ScriptedProviderStep _last = (exchange, cancellationToken) => exchange.ReplyAsync(["This is ", "a scripted ", "reply."], TimeSpan.Zero, cancellationToken);

    /// <summary>Answers with this text, streamed by words where a stream is asked for.</summary>
    public ScriptedProviderScript Reply(string text) => Reply(_ => text);

    public ScriptedProviderScript Reply(Func<ScriptedProviderRequest, string> text) =>
        Then((exchange, cancellationToken) => exchange.ReplyAsync(ByWords(text(exchange.Request)), TimeSpan.Zero, cancellationToken));

    /// <summary>Answers with these chunks and a pause before each but the first.</summary>
    public ScriptedProviderScript Stream(TimeSpan pace, params string[] chunks) =>
        Then((exchange, cancellationToken) => exchange.ReplyAsync(chunks, pace, cancellationToken));

    /// <summary>Answers with an error in the envelope of the dialect.</summary>
    public ScriptedProviderScript Fail(HttpStatusCode status, string message = "scripted failure", TimeSpan? retryAfter = null) =>
        Then((exchange, cancellationToken) => exchange.FailAsync((int)status, message, retryAfter, cancellationToken));

    public ScriptedProviderScript TooManyRequests(TimeSpan retryAfter) => Fail(HttpStatusCode.TooManyRequests, "rate limit reached", retryAfter);

    /// <summary>Accepts the request and never sends a header.</summary>
    public ScriptedProviderScript HangBeforeHeaders() => Then((_, cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken));

    /// <summary>Sends the headers of a success and nothing after them.</summary>
    public ScriptedProviderScript HangAfterHeaders() => Then(async (exchange, cancellationToken) =>
    {
        await exchange.BeginAsync(cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    });

    /// <summary>A success whose body (or second event) is broken JSON.</summary>
    public ScriptedProviderScript Malformed() => Then((exchange, cancellationToken) => exchange.MalformedAsync(cancellationToken));

    /// <summary>Sends these chunks, then half a frame, then drops the connection.</summary>
    public ScriptedProviderScript CutAfter(params string[] chunks) => Then((exchange, cancellationToken) => exchange.CutAsync(chunks, cancellationToken));

    /// <summary>Sends these chunks of a stream, then nothing more, keeping the connection open.</summary>
    public ScriptedProviderScript StallAfter(params string[] chunks) => Then(async (exchange, cancellationToken) =>
    {
        await exchange.ChunksAsync(chunks, TimeSpan.Zero, cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    });

    /// <summary>Sends these chunks, waits, and then completes with the rest: a stall that ends.</summary>
    public ScriptedProviderScript Stall(TimeSpan pause, string[] before, string[] after) => Then(async (exchange, cancellationToken) =>
    {
        await exchange.ChunksAsync(before, TimeSpan.Zero, cancellationToken);
        await Task.Delay(pause, cancellationToken);
        await exchange.ChunksAsync(after, TimeSpan.Zero, cancellationToken);
        await exchange.EndAsync(string.Concat(before.Concat(after)), cancellationToken);
    });

    /// <summary>Streams this chunk until the client leaves.</summary>
    public ScriptedProviderScript Endless(TimeSpan pace, string chunk = "again ") => Then(async (exchange, cancellationToken) =>
    {
        while (true)
        {
            await exchange.ChunksAsync([chunk], TimeSpan.Zero, cancellationToken);
            await Task.Delay(pace, cancellationToken);
        }
    });

    internal ScriptedProviderStep Next()
    {
        // Whoever finds no other step takes the last one, and not what was there before it.
        lock (_steps)
        {
            if (_steps.TryDequeue(out var step))
                _last = step;
            return _last;
        }
    }

    internal ScriptedProviderScript Then(ScriptedProviderStep step)
    {
        lock (_steps)
            _steps.Enqueue(step);
        return this;
    }

    private static string[] ByWords(string text)
    {
        var chunks = new List<string>();
        var start = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] != ' ' || text[i - 1] == ' ')
                continue;
            chunks.Add(text[start..i]);
            start = i;
        }
        return [.. chunks, text[start..]];
    }
}

/// <summary>One request being answered: writes text, ends and failures in the request's dialect, streamed or whole as it asked.</summary>
internal sealed class ScriptedProviderExchange(HttpContext context, ScriptedProviderRequest request, ScriptedProviderDialect dialect)
{
    private bool _begun;

    public ScriptedProviderRequest Request => request;

    public async Task ReplyAsync(IReadOnlyList<string> chunks, TimeSpan pace, CancellationToken cancellationToken)
    {
        if (request.IsStreaming)
            await ChunksAsync(chunks, pace, cancellationToken);
        await EndAsync(string.Concat(chunks), cancellationToken);
    }

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_begun)
            return;
        _begun = true;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = request.IsStreaming ? "text/event-stream" : "application/json";
        await context.Response.StartAsync(cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    public async Task ChunksAsync(IReadOnlyList<string> chunks, TimeSpan pace, CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            await BeginAsync(cancellationToken);
            await WriteAsync(dialect.StreamStart(request), cancellationToken);
        }
        for (var i = 0; i < chunks.Count; i++)
        {
            if (i > 0 && pace > TimeSpan.Zero)
                await Task.Delay(pace, cancellationToken);
            await WriteAsync(dialect.StreamChunk(request, chunks[i]), cancellationToken);
            request.MarkSent(chunks[i]);
        }
    }

    public async Task EndAsync(string text, CancellationToken cancellationToken)
    {
        if (request.IsStreaming)
        {
            await ChunksAsync([], TimeSpan.Zero, cancellationToken);
            await WriteAsync(dialect.StreamEnd(request, text), cancellationToken);
            return;
        }
        context.Response.ContentType = "application/json";
        await WriteAsync(dialect.Whole(request, text).ToJsonString(), cancellationToken);
        request.MarkSent(text);
    }

    public async Task FailAsync(int status, string message, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (retryAfter is { } delay)
            context.Response.Headers.RetryAfter = Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await WriteAsync(dialect.Error(status, message).ToJsonString(), cancellationToken);
    }

    public async Task MalformedAsync(CancellationToken cancellationToken)
    {
        if (request.IsStreaming)
            await ChunksAsync([], TimeSpan.Zero, cancellationToken);
        await BeginAsync(cancellationToken);
        await WriteAsync(dialect.Broken(request.IsStreaming), cancellationToken);
    }

    public async Task CutAsync(IReadOnlyList<string> chunks, CancellationToken cancellationToken)
    {
        if (request.IsStreaming)
            await ChunksAsync(chunks, TimeSpan.Zero, cancellationToken);
        await BeginAsync(cancellationToken);
        var frame = request.IsStreaming ? dialect.StreamChunk(request, "never whole") : dialect.Whole(request, string.Concat(chunks)).ToJsonString();
        await WriteAsync(frame[..(frame.Length / 2)], cancellationToken);
        // What was written has to leave before the connection is reset.
        await Task.Delay(50, cancellationToken);
        request.MarkCompleted();
        context.Abort();
    }

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        await context.Response.WriteAsync(text, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
