using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Gaia.Chat.Completions;
using Gaia.Chat.Personas;
using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Turns;

/// <summary>
/// One answer: asks the model, hands its pieces on, and keeps what it said before anyone is told that it is complete.
/// What was said until a client left, someone stopped it or a provider failed is kept too.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The stop has neither timer nor handle to free, and may be asked for after the end.")]
internal sealed partial class ChatTurn(
    TurnRequest request,
    RunRecord run,
    Opening? opening,
    ModelChoice choice,
    PersonaPrompt persona,
    Prompt prompt,
    TurnStore store,
    AsyncServiceScope? scope,
    TurnServices services)
{
    /// <summary>The error type of the call of an answer that its user ended.</summary>
    internal const string Stopped = "stopped";

    private readonly ILogger _logger = services.Logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _noted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _running;
    private Exception? _lost;

    public Guid RunId => run.Id;

    public RunRecord Run => run;

    public Guid UserId => run.UserId;

    /// <summary>What its conversation begins with; null for one that was there.</summary>
    public Opening? Opening => opening;

    public bool IsQuestionKept => opening is null or { IsKept: true };

    public string RequestId { get; } = $"chat-{run.Id}";

    /// <summary>Null when the client keeps the conversation itself.</summary>
    public Guid? ConversationId => run.ConversationId;

    public bool Background => request.Background;

    public PersonaPrompt Persona => persona;

    /// <summary>Why this model; of the first one when another had to step in.</summary>
    public ModelChoice Choice => choice;

    /// <summary>The model that answers, which is another than the chosen one after a fallback.</summary>
    public ChatModel Model => Asking.Model;

    /// <summary>Seconds since 1970.</summary>
    public long Created { get; } = services.Time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>What was kept; null until then.</summary>
    public Answer? Answer { get; private set; }

    /// <summary>What ended it before it was complete; null otherwise, and when someone stopped it.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Of an answer in the background: from then on every replica finds it.</summary>
    public Task Noted => _noted.Task;

    /// <summary>What is said, as it is said.</summary>
    public AnswerInProgress Text => Asking.Text;

    public ModelAsking Asking { get; } = new(request, run, choice, persona.Id, prompt, store, services);

    /// <summary>From the checked request to the asking of the model.</summary>
    public TimeSpan PreparationTime => request.Clock[Stage.ProviderSelection] + request.Clock[Stage.StreamingSetup];

    /// <summary>What the gathering of the messages before took, and the keeping of the new one, where that came before the model was asked.</summary>
    public TimeSpan MemoryTime => request.Clock[Stage.StreamingSetup];

    public TimeSpan TotalTime => request.Clock.Elapsed;

    public CompletionMetadata Metadata => new(
        "direct", Milliseconds(request.Clock[Stage.ProviderSelection]), Milliseconds(Asking.Took), Milliseconds(TotalTime), RequestId, run.ConversationId);

    public static int Milliseconds(TimeSpan duration) => (int)duration.TotalMilliseconds;

    /// <summary>Ends the answer where it is; that counts as its regular end.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Keeps the question, unless that was done: nobody reads an answer before. Where it cannot be kept, the answer is ended.</summary>
    public async Task KeepQuestionAsync()
    {
        if (IsQuestionKept)
            return;
        try
        {
            // The store of the request serves who asks the model, at the same time.
            await using var own = services.Scopes.CreateAsyncScope();
            await opening!.KeepAsync(own.ServiceProvider.GetRequiredService<TurnStore>());
        }
        catch (Exception failure)
        {
            Abandon(failure);
            throw;
        }
    }

    /// <summary>Ends an answer that cannot be kept, for its question cannot.</summary>
    public void Abandon(Exception failure)
    {
        _lost = failure;
        _stop.Cancel();
    }

    /// <summary>Begins an answer in the background, which is made from now on whoever waits for it.</summary>
    public void Start() => _running = services.Runs.Detach(() => MakeAsync(static _ => ValueTask.CompletedTask, CancellationToken.None));

    /// <summary>
    /// Returns when the answer is complete and committed. Throws what ended it, after keeping what there is where that can be kept. An answer in
    /// the background goes on without whoever leaves.
    /// </summary>
    /// <param name="write">Takes each piece of text.</param>
    /// <param name="clientLeft">Cancelled when the client of this request is gone.</param>
    public async Task RunAsync(Func<string, ValueTask> write, CancellationToken clientLeft)
    {
        if (!request.Background)
        {
            await MakeAsync(write, clientLeft);
            return;
        }

        var offset = 0;
        while (await Text.ReadAsync(offset, clientLeft) is { } piece)
        {
            offset += piece.Length;
            await write(piece);
        }

        await _running!.WaitAsync(clientLeft);
    }

    private async Task MakeAsync(Func<string, ValueTask> write, CancellationToken clientLeft)
    {
        services.Runs.Add(this);
        try
        {
            // Others are noted once they take a while; this one can be looked for from its beginning on.
            if (scope is { } own)
                await own.ServiceProvider.GetRequiredService<RunStore>().NoteAsync([this], CancellationToken.None);
            _noted.TrySetResult();
            // Whoever hears of one in the background may ask another replica for it at once.
            Publish("started");
            await AnswerAsync(write, clientLeft);
        }
        catch (Exception failure)
        {
            Failure = failure;
            if (_noted.TrySetException(failure))
                _ = _noted.Task.Exception;
            throw;
        }
        finally
        {
            services.Runs.Remove(this, services.Time.GetUtcNow());
            if (Background)
                services.Runs.LeaveBackground(UserId);
            Text.End();
            if (scope is { } own)
                await LeaveAsync(own);
        }
    }

    private async Task LeaveAsync(AsyncServiceScope own)
    {
        await using var _ = own;
        request.Clock.Finish(services.Times);
        try
        {
            // One that was over at once is not known to who forgets the others.
            if (Answer is not null)
                await own.ServiceProvider.GetRequiredService<RunStore>().ForgetAsync([run.Id], CancellationToken.None);
        }
        catch (Exception failure)
        {
            // Its answer is kept. That it is still said to be made ends with its lease.
            LogNotForgotten(failure, RequestId);
        }
    }

    private async Task AnswerAsync(Func<string, ValueTask> write, CancellationToken clientLeft)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(clientLeft, _stop.Token);
        await using var stopping = services.Lifetime.ApplicationStopping.UnsafeRegister(
            static state =>
            {
                var (cancel, grace) = ((CancellationTokenSource, TimeSpan))state!;
                cancel.CancelAfter(grace);
            },
            (cancel, services.Settings.StopGrace));
        try
        {
            request.Clock.Enter(Stage.LlmApiCall);
            await Asking.RunAsync(write, cancel.Token);
        }
        catch (Exception) when (_lost is not null)
        {
            Publish("failed", ErrorType(_lost, left: false));
            ExceptionDispatchInfo.Throw(_lost);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested && !clientLeft.IsCancellationRequested)
        {
            await StoreAsync("cancelled", CallRecord.Cancelled, Stopped);
            Publish("failed", Stopped);
            return;
        }
        catch (Exception exception)
        {
            var left = clientLeft.IsCancellationRequested;
            var errorType = ErrorType(exception, left);
            try
            {
                await KeepAsync(left || cancel.IsCancellationRequested, errorType);
            }
            finally
            {
                Publish("failed", errorType);
            }

            if (!left && cancel.IsCancellationRequested)
                throw new DependencyUnavailableException("chat", exception);
            throw;
        }

        try
        {
            await StoreAsync(Text.FinishReason ?? ChatFinishReason.Length.Value, CallRecord.Completed, errorType: null);
        }
        catch (Exception exception)
        {
            Publish("failed", ErrorType(exception, left: false));
            throw;
        }

        Publish("completed");
    }

    /// <summary>Keeps what there is of an answer that will not be completed.</summary>
    private async Task KeepAsync(bool cancelled, string errorType)
    {
        try
        {
            await StoreAsync(cancelled ? "cancelled" : "error", cancelled ? CallRecord.Cancelled : CallRecord.Failed, errorType);
        }
        catch (Exception exception)
        {
            LogNotKept(exception, RequestId);
            // What ended the answer is what the caller has to hear of, where the question is kept.
            if (opening is { IsKept: false })
                throw;
        }
    }

    /// <summary>Not cancellable: the client may be gone, what was made is kept. The connection's own time limits bound it.</summary>
    private async Task StoreAsync(string finishReason, string status, string? errorType)
    {
        request.Clock.Enter(Stage.ResponseProcessing);
        var (text, promptTokens, completionTokens, source) = Text.Close();
        // A provider that fails before its first word charges nothing.
        if (status == CallRecord.Failed && text.Length == 0)
            promptTokens = completionTokens = 0;
        var answer = new Answer(
            run.MessageId, run.UserId, run.ConversationId, run.QuestionId, text, Model.Id, Model.Provider, promptTokens, completionTokens, source, finishReason,
            (request.Memory as TurnMemory.Again)?.Question);
        var call = Asking.Record(run.Id, status, errorType, promptTokens, completionTokens, source);
        // Only a complete answer, or one that its user cut short, takes the place of another.
        var isHalfReplacement = run.Regenerates && status != CallRecord.Completed && errorType != Stopped;
        var isWithoutAnswer = run.ConversationId is null || isHalfReplacement || (text.Length == 0 && status != CallRecord.Completed);
        if (isWithoutAnswer || opening is null || !await opening.TryKeepWithAsync(answer, call, store))
        {
            if (opening is not null)
                await opening.KeepAsync(store);
            await (isWithoutAnswer ? store.RecordAsync(call, CancellationToken.None) : store.CompleteAsync(answer, call, CancellationToken.None));
        }

        request.Clock.CallId = run.Id;
        Answer = answer;
    }

    private void Publish(string status, string? errorType = null) => services.Events.Publish(new ChatMessageEvent(
        run.MessageId,
        run.UserId.ToString(),
        run.ConversationId,
        persona.Id?.ToString(),
        status,
        services.Time.GetUtcNow().UtcDateTime,
        new ChatMessageDetails(Model.Id, Model.Provider, Answer?.PromptTokens, Answer?.CompletionTokens, errorType)));

    private static string ErrorType(Exception exception, bool left) => exception switch
    {
        _ when left => "client_left",
        ProviderException provider => provider.ErrorType,
        OperationCanceledException => "stopping",
        _ => "internal",
    };

    [LoggerMessage(LogLevel.Error, "What was made of answer {RequestId} could not be kept")]
    private partial void LogNotKept(Exception exception, string requestId);

    [LoggerMessage(LogLevel.Warning, "Answer {RequestId} is complete, and could not be taken from those that are being made")]
    private partial void LogNotForgotten(Exception exception, string requestId);
}
