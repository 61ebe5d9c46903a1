using System.Security.Claims;
using Gaia.Chat.Completions;
using Gaia.Chat.Conversations;
using Gaia.Chat.Streaming;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Turns;

internal static class RunEndpoints
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(150);

    internal static void MapRuns(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/conversations/{id}/stream", WatchAsync)
            .WithTags("Conversations")
            .WithSummary("Watch an answer that is being made")
            .WithDescription(
                "The events of `POST /api/v1/chat` with `\"stream\": true`, from the beginning of the answer and then as it is made, on whichever replica. " +
                "`X-Message-ID` is the message that it will be, `X-Question-ID` the one that it answers. 204 when no answer is being made; one in the background that failed a moment ago is told once more. With `follow=false` only these names are told, with 204. An answer goes on without the client that asked for it when that sent `\"background\": true`.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Produces(StatusCodes.Status204NoContent)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .RequirePermission("chat", "read");
        routes.MapPost("/api/v1/conversations/{id}/stop", StopAsync)
            .WithTags("Conversations")
            .WithSummary("Stop the answer that is being made")
            .WithDescription("What was said until then is kept. 204 also when no answer is being made.")
            .Produces(StatusCodes.Status204NoContent)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .RequirePermission("chat", "create");
    }

    private static async Task<Results<EmptyHttpResult, NoContent, JsonHttpResult<ErrorBody>>> WatchAsync(
        string id, bool? follow, HttpContext http, ClaimsPrincipal user, ConversationStore conversations, RunStore store, ActiveRuns runs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var conversationId) || await conversations.FindAsync(user.UserId(), conversationId, cancellationToken) is null)
            return LegacyResults.NotFound("Conversation not found");
        // Those of this replica are known before they are noted.
        var here = runs.In(user.UserId(), conversationId) is [var newest, ..] ? newest : null;
        var run = here is null ? await store.FindAsync(user.UserId(), conversationId, cancellationToken) : new RunningAnswer(here.RunId, here.Run.MessageId, here.Run.QuestionId, here.Model.Id);
        // One that has failed is forgotten everywhere only a moment later.
        var failed = here is null && runs.FailedIn(user.UserId(), conversationId, time.GetUtcNow()) is { } last && (run is null || run.MessageId == last.MessageId) ? last : null;
        if (follow == false)
        {
            if ((run?.MessageId ?? failed?.MessageId) is { } made && (run?.QuestionId ?? failed?.QuestionId) is { } asked)
                http.Response.NameAnswer(conversationId, made, asked);
            return TypedResults.NoContent();
        }

        if (run is null || failed is not null)
            return await TellFailureAsync(failed, http, time, cancellationToken);

        http.Response.NameAnswer(conversationId, run.MessageId, run.QuestionId);
        try
        {
            var head = new StreamHead($"chat-{run.Id}", time.GetUtcNow().ToUnixTimeSeconds(), conversationId, () => run.Model);
            await using var stream = AnswerStream.Begin(http, new V1Stream(head));
            if (here is not null)
                await FollowAsync(here, stream, cancellationToken);
            else
                await PollAsync(store, run, stream, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }

        return TypedResults.Empty;
    }

    private static async Task FollowAsync(ChatTurn turn, AnswerStream stream, CancellationToken cancellationToken)
    {
        var offset = 0;
        while (await turn.Text.ReadAsync(offset, cancellationToken) is { } piece)
        {
            offset += piece.Length;
            await stream.WriteAsync(piece);
        }

        if (turn.Failure is { } failure)
            await stream.FailAsync(FailedRun.Describe(failure), cancellationToken);
        else
            await stream.EndAsync(new StreamEnd(turn.Answer?.FinishReason ?? "error"), cancellationToken);
    }

    private static async Task<Results<EmptyHttpResult, NoContent, JsonHttpResult<ErrorBody>>> TellFailureAsync(
        FailedRun? failed, HttpContext http, TimeProvider time, CancellationToken cancellationToken)
    {
        if (failed is null)
            return TypedResults.NoContent();
        http.Response.NameAnswer(failed.ConversationId, failed.MessageId, failed.QuestionId);
        var head = new StreamHead($"chat-{failed.MessageId}", time.GetUtcNow().ToUnixTimeSeconds(), failed.ConversationId, static () => "error");
        await using var stream = AnswerStream.Begin(http, new V1Stream(head));
        await stream.FailAsync(failed.Message, cancellationToken);
        return TypedResults.Empty;
    }

    private static async Task PollAsync(RunStore store, RunningAnswer run, AnswerStream stream, TimeProvider time, CancellationToken cancellationToken)
    {
        for (long offset = 0; ;)
        {
            var (text, goesOn, finishReason) = await store.ReadAsync(run, offset, cancellationToken);
            offset += text.Length;
            if (text.Length > 0)
                await stream.WriteAsync(text);
            if (!goesOn)
            {
                if (finishReason is null or "error")
                    await stream.FailAsync(FailedRun.BrokenOff, cancellationToken);
                else
                    await stream.EndAsync(new StreamEnd(finishReason), cancellationToken);
                return;
            }

            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> StopAsync(
        string id, ClaimsPrincipal user, ConversationStore conversations, RunStore store, ActiveRuns runs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var conversationId) || await conversations.FindAsync(user.UserId(), conversationId, cancellationToken) is null)
            return LegacyResults.NotFound("Conversation not found");
        foreach (var turn in runs.In(user.UserId(), conversationId))
            turn.Stop();
        // Those of other replicas are found there by the mark.
        if (await store.RequestStopAsync(user.UserId(), conversationId, cancellationToken) == 0)
        {
            // One that has just begun elsewhere is noted in a moment.
            await Task.Delay(2 * RunKeeper.Tick, time, cancellationToken);
            await store.RequestStopAsync(user.UserId(), conversationId, cancellationToken);
        }

        return TypedResults.NoContent();
    }
}
