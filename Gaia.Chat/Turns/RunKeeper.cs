using Gaia.Chat.Conversations;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Turns;

/// <summary>
/// Lets other replicas see the answers that this one makes: writes down what those in the background say, ends those that
/// are to be stopped, and keeps what a dead replica left behind.
/// </summary>
internal sealed partial class RunKeeper(IServiceScopeFactory scopes, ActiveRuns runs, TimeProvider time, ILogger<RunKeeper> logger) : BackgroundService
{
    /// <summary>How long an answer counts as being made without a sign of its replica.</summary>
    public const double LeaseSeconds = 15;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan StopCheck = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(LeaseSeconds / 3);

    private readonly Dictionary<Guid, int> _kept = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long stopsChecked = time.GetTimestamp(), renewed = stopsChecked;
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await KeepPiecesAsync(stoppingToken);
                    if (time.GetElapsedTime(stopsChecked) >= StopCheck)
                    {
                        stopsChecked = time.GetTimestamp();
                        await StopRequestedAsync(stoppingToken);
                    }

                    if (time.GetElapsedTime(renewed) >= Renewal)
                    {
                        renewed = time.GetTimestamp();
                        await RenewAsync(stoppingToken);
                    }
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogFailed(exception.GetBaseException().Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    private async Task KeepPiecesAsync(CancellationToken cancellationToken)
    {
        var pieces = runs.All.Where(turn => turn.Background)
            .Select(turn => (turn.RunId, Offset: _kept.GetValueOrDefault(turn.RunId), Text: turn.Text.Since(_kept.GetValueOrDefault(turn.RunId))))
            .Where(piece => piece.Text.Length > 0).ToList();
        foreach (var ended in _kept.Keys.Where(id => runs.Find(id) is null).ToList())
            _kept.Remove(ended);
        if (pieces.Count == 0)
            return;

        await using var scope = scopes.CreateAsyncScope();
        // Its offset orders a piece. One whose answer was completed in the meantime is not needed any more.
        await scope.ServiceProvider.GetRequiredService<ChatDbContext>().Database.ExecuteSqlAsync($"""
            INSERT INTO chat_run_pieces (run_id, ordinal, text)
            SELECT t.run_id, t.ordinal, t.text
            FROM unnest({pieces.Select(x => x.RunId).ToArray()}, {pieces.Select(x => (long)x.Offset).ToArray()}, {pieces.Select(x => TextRules.MakeStorable(x.Text)).ToArray()}) AS t (run_id, ordinal, text)
            JOIN chat_runs ON chat_runs.id = t.run_id
            ON CONFLICT DO NOTHING
            """, cancellationToken);
        foreach (var piece in pieces)
            _kept[piece.RunId] = piece.Offset + piece.Text.Length;
    }

    private async Task StopRequestedAsync(CancellationToken cancellationToken)
    {
        Guid[] own = [.. runs.All.Select(turn => turn.RunId)];
        if (own is [])
            return;
        await using var scope = scopes.CreateAsyncScope();
        var stopped = await scope.ServiceProvider.GetRequiredService<ChatDbContext>().Database
            .SqlQuery<Guid>($"SELECT id AS \"Value\" FROM chat_runs WHERE id = ANY({own}) AND stop_requested").ToListAsync(cancellationToken);
        foreach (var id in stopped)
            runs.Find(id)?.Stop();
    }

    /// <summary>Renews the leases of this replica's answers; then keeps what others left whose leases are over.</summary>
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ChatDbContext>().Database;
        Guid[] own = [.. runs.All.Select(turn => turn.RunId)];
        if (own is not [])
            await database.ExecuteSqlAsync($"UPDATE chat_runs SET lease_until = (now() AT TIME ZONE 'utc') + make_interval(secs => {LeaseSeconds}) WHERE id = ANY({own})", cancellationToken);
        var lost = await database.ExecuteSqlAsync($"""
            WITH lost AS (
                DELETE FROM chat_runs WHERE lease_until < now() AT TIME ZONE 'utc'
                RETURNING *),
            texts AS (
                SELECT lost.*, COALESCE((SELECT string_agg(text, '' ORDER BY ordinal) FROM chat_run_pieces WHERE run_id = lost.id), '') AS text
                FROM lost),
            touched AS (
                UPDATE conversations SET updated_at = GREATEST(now() AT TIME ZONE 'utc', conversations.updated_at + interval '1 microsecond')
                FROM texts WHERE conversations.id = texts.conversation_id AND texts.text <> ''
                RETURNING conversations.id, conversations.updated_at),
            said AS (
                INSERT INTO chat_messages (id, user_id, conversation_id, role, content, model, provider, usage_source, finish_reason, created_at)
                SELECT texts.message_id, texts.user_id, texts.conversation_id, {Message.Assistant}, texts.text, texts.model, texts.provider, {AnswerInProgress.Estimated}, 'error', touched.updated_at
                FROM texts JOIN touched ON touched.id = texts.conversation_id
                ON CONFLICT DO NOTHING),
            dropped AS (DELETE FROM chat_run_pieces USING lost WHERE run_id = lost.id)
            INSERT INTO llm_calls (id, user_id, conversation_id, message_id, route, provider, model, status, error_type,
                prompt_tokens, completion_tokens, usage_source, streamed, fallback_used, started_at, duration_us)
            SELECT id, user_id, conversation_id, message_id, route, provider, model, {CallRecord.Failed}, 'replica_lost',
                0, (char_length(text) + 3) / 4, {AnswerInProgress.Estimated}, true, false, started_at, (extract(epoch FROM lease_until - started_at) * 1000000)::bigint
            FROM texts
            ON CONFLICT DO NOTHING
            """, cancellationToken);
        if (lost > 0)
            LogLost(lost);
    }

    [LoggerMessage(LogLevel.Warning, "The answers in progress could not be noted: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "{Count} answers were left unfinished by a replica that is gone")]
    private partial void LogLost(int count);
}
