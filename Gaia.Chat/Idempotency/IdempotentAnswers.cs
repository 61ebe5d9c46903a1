using System.Security.Cryptography;
using System.Text;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;
using Microsoft.Net.Http.Headers;

namespace Gaia.Chat.Idempotency;

/// <param name="IsComplete">Whether the result, once it is sent, is the whole answer.</param>
/// <param name="Begun">What says that an answer is being made, whoever has gone meanwhile.</param>
internal readonly record struct Answered(IResult Result, bool IsComplete, byte[]? Begun = null);

/// <summary>
/// Answers a request with an <c>Idempotency-Key</c> once: whoever sends it again within a day gets the same bytes, and no model is asked.
/// An answer that failed or broke off is not kept, so that it can be tried again.
/// </summary>
internal sealed partial class IdempotentAnswers(IdempotencyStore store, BusyKeys keys, ILogger<IdempotentAnswers> logger)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int MaxKeyLength = 255;
    private const int MaxKept = 4 * 1024 * 1024;

    /// <summary>What belongs to an answer beside its body, and is told again with it.</summary>
    private static readonly string[] KeptHeaders = ["X-Conversation-ID", "X-Message-ID", "X-Question-ID", HeaderNames.CacheControl, "X-Accel-Buffering"];

    /// <summary>That an answer is being made: 202, also when it is said again.</summary>
    public static IResult Begun(HttpContext http, byte[] body)
    {
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        return TypedResults.Bytes(body, WholeJson.ContentType);
    }

    /// <param name="answer">Runs the turn.</param>
    public async Task<IResult> OnceAsync(HttpContext http, TurnRequest request, Func<Task<Answered>> answer)
    {
        var key = http.Request.Headers[Header].ToString();
        if (key.Length is 0 or > MaxKeyLength || key.Any(static c => c is < ' ' or > '~'))
            return LegacyResults.Invalid("value_error", $"{Header} must have 1 to {MaxKeyLength} printable ASCII characters", "header", Header);

        var hash = HashOf(request);
        var reservation = new Reservation(request.UserId, key, Guid.CreateVersion7());
        if (keys.IsHeld(request.UserId, key) || !await store.ReserveAsync(reservation, hash, http.RequestAborted))
            return await RepeatAsync(http, request, key, hash);
        using var busy = keys.Enter(reservation);
        // It is made to its end whoever leaves, and whoever comes back gets all of it.
        if (request.Background)
            http.RequestAborted = CancellationToken.None;

        var body = http.Response.Body;
        await using var copied = new CopiedBody(body, MaxKept);
        http.Response.Body = copied;
        var answered = default(Answered);
        var isSent = false;
        try
        {
            answered = await answer();
            await answered.Result.ExecuteAsync(http);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            isSent = true;
        }
        finally
        {
            http.Response.Body = body;
            // What has begun goes on without whoever asked for it: to be asked for again it must be known.
            if (answered.Begun is { } begun)
                await KeepAsync(reservation, http.Response, WholeJson.ContentType, begun);
            else
                await KeepAsync(reservation, http.Response, http.Response.ContentType, isSent && answered.IsComplete && !http.RequestAborted.IsCancellationRequested ? copied.Copy : null);
        }

        return TypedResults.Empty;
    }

    private async Task<IResult> RepeatAsync(HttpContext http, TurnRequest request, string key, byte[] hash)
    {
        var known = await store.FindAsync(request.UserId, key, http.RequestAborted);
        if (known is not null && !known.RequestHash.AsSpan().SequenceEqual(hash))
            return LegacyResults.Invalid("value_error", $"this {Header} was used with another request: send a new one", "header", Header);
        if (known?.Body is null)
        {
            http.Response.Headers.RetryAfter = "1";
            return LegacyResults.Error(StatusCodes.Status409Conflict, $"The first request with this {Header} is still being answered: try again in a moment");
        }

        foreach (var header in (known.Headers ?? []).Chunk(2))
            http.Response.Headers[header[0]] = header[1];
        http.Response.Headers[ReplayedHeader] = "true";
        return request.Detached ? Begun(http, known.Body) : TypedResults.Bytes(known.Body, known.ContentType);
    }

    private async Task KeepAsync(Reservation reservation, HttpResponse response, string? contentType, byte[]? body)
    {
        try
        {
            if (body is null)
                await store.ReleaseAsync(reservation, CancellationToken.None);
            else
                await store.CompleteAsync(reservation, contentType, HeadersOf(response), body, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The client has its answer; until the key is free again a repetition is told to wait.
            LogNotKept(exception);
        }
    }

    private static string[] HeadersOf(HttpResponse response) =>
        [.. KeptHeaders.Where(response.Headers.ContainsKey).SelectMany(name => (string[])[name, response.Headers[name].ToString()])];

    /// <summary>Of everything that an answer depends on, and how it looks.</summary>
    private static byte[] HashOf(TurnRequest request) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001f', [
        request.Route, request.Message, request.PersonaId, request.Instructions, $"{request.Temperature}", $"{request.MaxOutputTokens}", $"{request.Streamed}", $"{request.Background}", $"{request.Detached}", $"{request.ShortForm}",
        request.Wish.Model, request.Wish.Provider, request.Wish.Activity, $"{request.Wish.AutoSelect}", request.Wish.Priority, request.Wish.ContextType,
        $"{request.Wish.ForceProvider}", $"{request.Wish.EnableFallback}", $"{request.Wish.MaxResponseTimeMs}", string.Join('\u001e', request.Wish.RequiredCapabilities),
        .. request.Memory switch
        {
            TurnMemory.Conversation conversation => [conversation.ConversationId],
            TurnMemory.Edited edited => [edited.ConversationId, edited.MessageId],
            TurnMemory.Again again => [$"{again.ConversationId}", $"{again.Question.Id}"],
            TurnMemory.Given given => given.Before.SelectMany(said => (string[])[said.Role, said.Content]),
            _ => Enumerable.Empty<string>(),
        },
        .. request.IncludeUsage ? ["usage"] : Enumerable.Empty<string>()])));

    [LoggerMessage(LogLevel.Warning, "An answer to a request with an Idempotency-Key could not be kept")]
    private partial void LogNotKept(Exception exception);
}
