using System.Globalization;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Performance;

/// <summary>Calls and runs as they lie in the tables, past the service.</summary>
internal static class CallRows
{
    public static Task ClearAsync(ChatFixture fixture) =>
        NativeServers.ExecuteAsync(fixture.Database, "DELETE FROM llm_calls; DELETE FROM chat_runs; DELETE FROM performance_views");

    /// <param name="ago">Seconds since it began.</param>
    /// <param name="ms">How long it took; half of it in the model, a quarter until its first piece.</param>
    /// <param name="cost">USD; null is not known.</param>
    public static Task AddAsync(
        ChatFixture fixture,
        string provider,
        string model,
        double ms,
        string status = "completed",
        string? error = null,
        int ago = 10,
        decimal? cost = 0.001m,
        int count = 1,
        string route = "v1.chat")
    {
        var us = ms * 1000;
        return NativeServers.ExecuteAsync(fixture.Database, string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO llm_calls (id, user_id, route, provider, model, status, error_type, prompt_tokens, completion_tokens, usage_source, cost_usd, streamed, fallback_used,
                started_at, duration_us, first_chunk_us, authentication_us, request_validation_us, provider_selection_us, streaming_setup_us, llm_api_call_us, response_processing_us)
            SELECT gen_random_uuid(), gen_random_uuid(), '{route}', '{provider}', '{model}', '{status}', {(error is null ? "NULL" : $"'{error}'")}, 30, 70, 'provider', {cost?.ToString(CultureInfo.InvariantCulture) ?? "NULL"}, true, false,
                (now() AT TIME ZONE 'utc') - interval '{ago} seconds' - n * interval '1 millisecond', {us}, {us / 4}, {us * 0.1}, {us * 0.1}, {us * 0.1}, {us * 0.1}, {us * 0.5}, {us * 0.1}
            FROM generate_series(1, {count}) AS n
            """));
    }

    public static Task AddRunAsync(ChatFixture fixture, Guid userId, int ago = 5, int lease = 60) => NativeServers.ExecuteAsync(fixture.Database, $"""
        INSERT INTO chat_runs (id, user_id, message_id, question_id, regenerates, route, provider, model, prompt_tokens, background, started_at, lease_until)
        VALUES (gen_random_uuid(), '{userId}', gen_random_uuid(), gen_random_uuid(), false, 'v1.chat', 'anthropic', 'claude-haiku-4-5', 1, false,
            (now() AT TIME ZONE 'utc') - interval '{ago} seconds', (now() AT TIME ZONE 'utc') + interval '{lease} seconds')
        """);
}
