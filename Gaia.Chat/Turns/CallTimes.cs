using System.Threading.Channels;
using Gaia.Chat.Conversations;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Turns;

/// <summary>
/// Completes the times of calls once their answers are out, off the request's path, in batches too small to be felt. Figures, not truth:
/// a batch that cannot be written is lost, like the oldest of too many, and its calls keep what was known when their answer was kept.
/// </summary>
internal sealed partial class CallTimes(IServiceScopeFactory scopes, TimeProvider time, ILogger<CallTimes> logger) : BackgroundService
{
    private const int MaxWaiting = 10_000;
    private const int BatchSize = 250;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Channel<Entry> _waiting = Channel.CreateBounded<Entry>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public void Add(Guid callId, StageClock clock) => _waiting.Writer.TryWrite(new Entry(callId, clock.Elapsed, clock.Spent()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Pause;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = await TryWriteAllAsync() ? Pause : PauseAfterFailure;
        }
    }

    private async Task<bool> TryWriteAllAsync()
    {
        var batch = new List<Entry>();
        do
        {
            batch.Clear();
            while (batch.Count < BatchSize && _waiting.Reader.TryRead(out var entry))
                batch.Add(entry);
            if (batch.Count == 0)
                return true;
            try
            {
                await WriteAsync(batch);
            }
            catch (Exception exception)
            {
                LogNotWritten(batch.Count, exception.GetBaseException().Message);
                return false;
            }
        }
        while (batch.Count == BatchSize);
        return true;
    }

    private async Task WriteAsync(List<Entry> batch)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ChatDbContext>().Database;
        await database.ExecuteSqlAsync($"""
            UPDATE llm_calls SET duration_us = t.duration, authentication_us = t.authentication, request_validation_us = t.validation,
                provider_selection_us = t.selection, streaming_setup_us = t.setup, llm_api_call_us = t.model, response_processing_us = t.processing
            FROM unnest({batch.Select(x => x.CallId).ToArray()}, {batch.Select(x => Microseconds(x.Whole)).ToArray()}, {Of(Stage.Authentication)}, {Of(Stage.RequestValidation)},
                {Of(Stage.ProviderSelection)}, {Of(Stage.StreamingSetup)}, {Of(Stage.LlmApiCall)}, {Of(Stage.ResponseProcessing)})
                AS t (id, duration, authentication, validation, selection, setup, model, processing)
            WHERE llm_calls.id = t.id
            """);

        long[] Of(Stage stage) => [.. batch.Select(entry => Microseconds(entry.Stages[(int)stage]))];
    }

    private static long Microseconds(TimeSpan time) => (long)time.TotalMicroseconds;

    [LoggerMessage(LogLevel.Warning, "The times of {Count} calls are lost: {Reason}")]
    private partial void LogNotWritten(int count, string reason);

    private readonly record struct Entry(Guid CallId, TimeSpan Whole, TimeSpan[] Stages);
}
