using Gaia.Chat.Conversations;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Performance;

/// <summary>
/// Figures from the table of calls, which all replicas share: of the last <see cref="MaxCalls"/> calls of the last day, and for a
/// user who reset them, not before that. Each method is one statement, and only aggregates leave the database.
/// </summary>
internal sealed class CallReader(ChatDbContext database, TimeProvider time)
{
    public const int MaxCalls = 1000;

    public static readonly TimeSpan Length = TimeSpan.FromHours(24);

    private static readonly TimeSpan Recently = TimeSpan.FromMinutes(5);

    /// <param name="viewer">Whose window; null for all of it.</param>
    public async Task<CallFiguresTable> ReadAsync(Guid? viewer, CancellationToken cancellationToken)
    {
        var now = time.GetNaiveUtcNow();
        return new CallFiguresTable(await database.Database.SqlQuery<CallFigures>($"""
            WITH seen AS (SELECT GREATEST({NaiveUtc.Parameter(now - Length)}, (SELECT since FROM performance_views WHERE user_id = {viewer ?? Guid.Empty})) AS since),
            recent AS (
                SELECT provider, model, status, error_type, prompt_tokens, completion_tokens, cost_usd, started_at, duration_us, first_chunk_us,
                    -- The times of an answer are completed a moment after it.
                    GREATEST(0, CASE WHEN llm_api_call_us > 0 THEN llm_api_call_us ELSE duration_us END - first_chunk_us) AS answering_us,
                    status = 'completed' AS completed,
                    -- That a replica died says nothing of the provider it had asked.
                    status = 'failed' AND error_type IS DISTINCT FROM 'replica_lost' AS failed
                FROM llm_calls
                WHERE started_at > (SELECT since FROM seen)
                ORDER BY started_at DESC
                LIMIT {MaxCalls})
            SELECT provider AS "Provider", model AS "Model",
                count(*) AS "Requests",
                count(*) FILTER (WHERE completed) AS "Completed",
                count(*) FILTER (WHERE failed) AS "Failed",
                COALESCE(avg(duration_us) FILTER (WHERE completed), 0)::float8 AS "AverageUs",
                COALESCE(percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_us) FILTER (WHERE completed), 0) AS "MedianUs",
                COALESCE(percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_us) FILTER (WHERE completed), 0) AS "P95Us",
                COALESCE(min(duration_us) FILTER (WHERE completed), 0) AS "MinUs",
                COALESCE(max(duration_us) FILTER (WHERE completed), 0) AS "MaxUs",
                (avg(first_chunk_us) FILTER (WHERE completed))::float8 AS "FirstChunkUs",
                COALESCE(sum(answering_us) FILTER (WHERE completed), 0)::bigint AS "AnsweringUs",
                COALESCE(sum(completion_tokens) FILTER (WHERE completed AND first_chunk_us IS NOT NULL), 0)::bigint AS "AnsweredTokens",
                COALESCE(sum(prompt_tokens + completion_tokens), 0)::bigint AS "Tokens",
                COALESCE(sum(cost_usd), 0) AS "Cost",
                count(*) FILTER (WHERE cost_usd IS NULL) AS "Unpriced",
                count(*) FILTER (WHERE started_at > {NaiveUtc.Parameter(now - TimeSpan.FromHours(1))}) AS "LastHour",
                count(*) FILTER (WHERE (completed OR failed) AND started_at > {NaiveUtc.Parameter(now - Recently)}) AS "RecentEnded",
                count(*) FILTER (WHERE failed AND started_at > {NaiveUtc.Parameter(now - Recently)}
                    AND COALESCE(error_type, '') <> ALL (ARRAY['request_rejected', 'internal', 'stopping'])) AS "RecentFailed",
                (SELECT since FROM seen) AS "Since", min(started_at) AS "FirstRequest", max(started_at) AS "LastRequest", max(started_at) FILTER (WHERE failed) AS "LastFailure"
            FROM recent
            GROUP BY GROUPING SETS ((provider, model), (provider), ())
            """).ToListAsync(cancellationToken));
    }

    /// <summary>What the stages of the last calls took; the row <c>total</c> is the whole of them.</summary>
    public async Task<IReadOnlyList<StageFigures>> StagesAsync(Guid viewer, int limit, CancellationToken cancellationToken) =>
        await database.Database.SqlQuery<StageFigures>($"""
            SELECT stage AS "Stage", count(*) AS "Samples", avg(us)::float8 AS "AverageUs", min(us) AS "MinUs", max(us) AS "MaxUs", sum(us)::bigint AS "SumUs"
            FROM (
                SELECT * FROM llm_calls
                WHERE started_at > GREATEST({NaiveUtc.Parameter(time.GetNaiveUtcNow() - Length)}, (SELECT since FROM performance_views WHERE user_id = {viewer}))
                  -- A call that another model stood in for has none, and neither has one whose answer has just gone out.
                  AND authentication_us + request_validation_us + provider_selection_us + streaming_setup_us + llm_api_call_us + response_processing_us > 0
                ORDER BY started_at DESC
                LIMIT {limit}) AS recent
            CROSS JOIN LATERAL (VALUES
                ('authentication', authentication_us), ('request_validation', request_validation_us), ('provider_selection', provider_selection_us),
                ('streaming_setup', streaming_setup_us), ('llm_api_call', llm_api_call_us), ('response_processing', response_processing_us),
                ('total', duration_us)) AS stages (stage, us)
            GROUP BY stage
            """).ToListAsync(cancellationToken);

    /// <summary>The answers that are being made now, on all replicas: all of them counted, and up to ten that the viewer may see.</summary>
    public async Task<IReadOnlyList<ActiveRun>> ActiveAsync(Guid viewer, bool seesAll, CancellationToken cancellationToken)
    {
        var now = time.GetNaiveUtcNow();
        return await database.Database.SqlQuery<ActiveRun>($"""
            SELECT id AS "Id", user_id AS "UserId", provider AS "Provider", model AS "Model", route AS "Route", started_at AS "StartedAt",
                user_id = {viewer} OR {seesAll} AS "IsVisible", count(*) OVER () AS "Count",
                (sum(GREATEST(0, extract(epoch FROM {NaiveUtc.Parameter(now)} - started_at))) OVER ())::float8 AS "TotalSeconds",
                count(*) FILTER (WHERE started_at > {NaiveUtc.Parameter(now - TimeSpan.FromMinutes(1))}) OVER () AS "StartedLastMinute"
            FROM chat_runs
            WHERE lease_until > now() AT TIME ZONE 'utc'
            ORDER BY "IsVisible" DESC, started_at
            LIMIT {PerformanceBodies.MaxLiveRequests}
            """).ToListAsync(cancellationToken);
    }

    /// <summary>Calls of all replicas that came to an end and had begun within the last minute.</summary>
    public async Task<long> LastMinuteAsync(CancellationToken cancellationToken) =>
        (await database.Database.SqlQuery<long>($"""
            SELECT count(*) AS "Value" FROM llm_calls WHERE started_at > {NaiveUtc.Parameter(time.GetNaiveUtcNow() - TimeSpan.FromMinutes(1))}
            """).ToListAsync(cancellationToken))[0];

    public async Task<HealthFigures> HealthAsync(Guid viewer, CancellationToken cancellationToken)
    {
        var now = time.GetNaiveUtcNow();
        return (await database.Database.SqlQuery<HealthFigures>($"""
            WITH recent AS (
                SELECT status, duration_us FROM llm_calls
                WHERE started_at > GREATEST({NaiveUtc.Parameter(now - Recently)}, (SELECT since FROM performance_views WHERE user_id = {viewer}))
                ORDER BY started_at DESC
                LIMIT {MaxCalls})
            SELECT count(*) AS "Requests",
                count(*) FILTER (WHERE status = 'failed') AS "Failed",
                count(*) FILTER (WHERE duration_us > {PerformanceHealth.SlowUs}) AS "Slow",
                COALESCE(avg(duration_us) FILTER (WHERE status = 'completed'), 0)::float8 AS "AverageUs",
                (SELECT count(*) FROM chat_runs WHERE lease_until > now() AT TIME ZONE 'utc') AS "Active"
            FROM recent
            """).ToListAsync(cancellationToken))[0];
    }

    /// <summary>Lets a user's figures begin now.</summary>
    public Task ResetAsync(Guid viewer, DateTime now, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync($"""
            INSERT INTO performance_views (user_id, since) VALUES ({viewer}, {NaiveUtc.Parameter(now)})
            ON CONFLICT (user_id) DO UPDATE SET since = EXCLUDED.since
            """, cancellationToken);

    /// <summary>How calls were routed, by the names of the legacy system, in the whole window.</summary>
    public async Task<RouteFigures> RoutesAsync(CancellationToken cancellationToken) =>
        (await database.Database.SqlQuery<RouteFigures>($"""
            SELECT count(*) AS "Requests",
                COALESCE(avg(provider_selection_us), 0)::float8 AS "RoutingUs", COALESCE(avg(duration_us), 0)::float8 AS "TotalUs",
                count(*) FILTER (WHERE route LIKE '%mcp-agent%') AS "McpAgent",
                count(*) FILTER (WHERE route ~ '(gamemaster|worldbuilding|storytelling|problemsolving|multiagent)') AS "MultiAgent"
            FROM (
                SELECT route, provider_selection_us, duration_us FROM llm_calls
                WHERE started_at > {NaiveUtc.Parameter(time.GetNaiveUtcNow() - Length)}
                ORDER BY started_at DESC
                LIMIT {MaxCalls}) AS recent
            """).ToListAsync(cancellationToken))[0];
}

internal sealed record StageFigures(string Stage, long Samples, double AverageUs, long MinUs, long MaxUs, long SumUs);

/// <param name="IsVisible">Whether the viewer may see more of it than that it is there.</param>
/// <param name="Count">Of all runs.</param>
/// <param name="TotalSeconds">Of all runs, so far.</param>
internal sealed record ActiveRun(
    Guid Id, Guid UserId, string Provider, string Model, string Route, DateTime StartedAt, bool IsVisible, long Count, double TotalSeconds, long StartedLastMinute);

internal sealed record HealthFigures(long Requests, long Failed, long Slow, double AverageUs, long Active)
{
    public double AverageSeconds => AverageUs / 1e6;

    public double ErrorPercent => Requests == 0 ? 0 : 100.0 * Failed / Requests;
}

internal sealed record RouteFigures(long Requests, double RoutingUs, double TotalUs, long McpAgent, long MultiAgent);
