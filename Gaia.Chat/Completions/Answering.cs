using System.Globalization;
using System.Text.Json;
using Gaia.Chat.Idempotency;
using Gaia.Chat.Providers;
using Gaia.Chat.Streaming;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Completions;

/// <summary>How the answers of one route look.</summary>
/// <param name="Streamed">The events of an answer that is wanted as it is made.</param>
/// <param name="Whole">A complete answer.</param>
/// <param name="ErrorPrefix">What the message of a failed model begins with.</param>
internal sealed record AnswerForms(Func<ChatTurn, IStreamFormat> Streamed, Func<ChatTurn, IResult> Whole, string ErrorPrefix = "");

/// <summary>Runs a turn for a request, whichever route it came to, and answers in that route's form.</summary>
internal sealed partial class Answering(ChatTurns turns, IdempotentAnswers idempotent, IOptions<ChatSettings> settings, ILogger<Answering> logger)
{
    /// <summary>Characters (UTF-16) of one message.</summary>
    public int MaxMessageLength => settings.Value.MaxMessageLength;

    public async Task<IResult> AnswerAsync(HttpContext http, TurnRequest request, AnswerForms forms) => http.Request.Headers.ContainsKey(IdempotentAnswers.Header)
        ? await idempotent.OnceAsync(http, request, () => RunAsync(http, request, forms))
        : (await RunAsync(http, request, forms)).Result;

    private async Task<Answered> RunAsync(HttpContext http, TurnRequest request, AnswerForms forms)
    {
        ChatTurn turn;
        try
        {
            turn = await turns.BeginAsync(request, http.RequestAborted);
        }
        catch (TurnRefusedException refused)
        {
            return new Answered(Refuse(http, refused), IsComplete: false);
        }

        if (request.Detached && turn.ConversationId is { } conversation)
        {
            await turn.Noted;
            var begun = JsonSerializer.SerializeToUtf8Bytes(new AnswerBegun(conversation, turn.Run.MessageId, turn.Run.QuestionId), CompletionJson.Readable.AnswerBegun);
            return new Answered(IdempotentAnswers.Begun(http, begun), IsComplete: true, begun);
        }

        if (request.Streamed)
        {
            var isComplete = await StreamAsync(http, turn, forms.Streamed(turn));
            return new Answered(TypedResults.Empty, isComplete);
        }

        try
        {
            await turn.RunAsync(static _ => ValueTask.CompletedTask, http.RequestAborted);
        }
        catch (ProviderException failure)
        {
            LogProviderFailed(turn.RequestId, failure.ErrorType, failure.InnerException?.GetType().Name);
            if (failure.StatusCode == StatusCodes.Status503ServiceUnavailable)
                SetRetryAfter(http, failure.RetryAfter ?? TimeSpan.FromSeconds(1));
            return new Answered(LegacyResults.Error(failure.StatusCode, forms.ErrorPrefix + failure.Message), IsComplete: false);
        }

        return new Answered(forms.Whole(turn), IsComplete: true);
    }

    private static IResult Refuse(HttpContext http, TurnRefusedException refused)
    {
        if (refused.RetryAfter is not { } wait)
            return LegacyResults.Error(refused.StatusCode, refused.Message);
        SetRetryAfter(http, wait);
        return TypedResults.Json(new LimitedBody("Too many answers in the background", refused.Message), WireJson.Readable.LimitedBody, statusCode: refused.StatusCode);
    }

    private static void SetRetryAfter(HttpContext http, TimeSpan wait) =>
        http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether the answer came to its end.</summary>
    private async Task<bool> StreamAsync(HttpContext http, ChatTurn turn, IStreamFormat format)
    {
        if (turn.ConversationId is { } conversation)
            http.Response.NameAnswer(conversation, turn.Run.MessageId, turn.Run.QuestionId);
        try
        {
            // The model is asked meanwhile.
            await using var stream = AnswerStream.Begin(http, format, turn.KeepQuestionAsync());
            try
            {
                await turn.RunAsync(stream.WriteAsync, http.RequestAborted);
                await stream.EndAsync(new StreamEnd(turn.Answer?.FinishReason ?? "stop", turn.Asking.TimeToFirstChunk, turn.Metadata), http.RequestAborted);
                return true;
            }
            catch (Exception failure) when (turn.IsQuestionKept && !http.RequestAborted.IsCancellationRequested)
            {
                await stream.FailAsync(Describe(failure, turn), http.RequestAborted);
            }
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }

        return false;
    }

    /// <summary>What a client is told in a stream, where there is no status code any more.</summary>
    private string Describe(Exception failure, ChatTurn turn)
    {
        switch (failure)
        {
            case ProviderException provider:
                LogProviderFailed(turn.RequestId, provider.ErrorType, provider.InnerException?.GetType().Name);
                break;
            case DependencyUnavailableException:
                break;
            case var _ when DatabaseOutage.Is(failure):
                LogDatabaseAway(turn.RequestId, failure.GetBaseException().Message);
                break;
            default:
                LogFailed(failure, turn.RequestId);
                break;
        }

        return FailedRun.Describe(failure);
    }

    [LoggerMessage(LogLevel.Warning, "Answer {RequestId}: the provider failed ({Fault}, {Cause})")]
    private partial void LogProviderFailed(string requestId, string fault, string? cause);

    [LoggerMessage(LogLevel.Warning, "Answer {RequestId} could not be stored: {Reason}")]
    private partial void LogDatabaseAway(string requestId, string reason);

    [LoggerMessage(LogLevel.Error, "Answer {RequestId} failed")]
    private partial void LogFailed(Exception exception, string requestId);
}
