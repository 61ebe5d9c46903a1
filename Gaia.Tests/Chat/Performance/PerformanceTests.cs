using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Chat.Performance;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Performance;

/// <summary>The performance routes, computed from a window of calls that all replicas share.</summary>
[Collection(SharedServers.Name)]
public sealed class PerformanceTests(ChatFixture fixture) : IClassFixture<ChatFixture>, IAsyncLifetime
{
    private const string Root = "/api/v0.2/performance";

    private static readonly string[] StageNames = ["authentication", "request_validation", "provider_selection", "llm_api_call", "response_processing", "streaming_setup"];

    public Task InitializeAsync() => CallRows.ClearAsync(fixture);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Before_the_first_call_every_field_is_there()
    {
        var summary = await fixture.Bob.GetAsync($"{Root}/summary");
        Assert.Equal(["summary", "providers", "health_status", "data_since"], Names(summary));
        Assert.Superset(
            new HashSet<string> { "total_requests", "average_response_time", "min_response_time", "max_response_time", "requests_last_hour", "requests_last_24h", "active_requests" },
            Names(summary.GetProperty("summary")).ToHashSet());
        Assert.All(summary.GetProperty("summary").EnumerateObject(), member => Assert.Equal(0, member.Value.GetDouble()));
        Assert.Empty(summary.GetProperty("providers").EnumerateObject());

        var providers = await fixture.Bob.GetAsync($"{Root}/providers");
        Assert.Equal("healthy", providers.GetProperty("overall_health").GetString());
        Assert.All(new[] { "claude", "openai" }, name => Assert.Equal(
            [
                "status", "average_response_time", "min_response_time", "max_response_time", "total_requests", "total_tokens", "tokens_per_second", "error_rate",
                "uptime_percentage", "last_error", "available_models", "health_score",
            ],
            Names(providers.GetProperty("providers").GetProperty(name))));
        Assert.Equal("unknown", providers.GetProperty("providers").GetProperty("claude").GetProperty("status").GetString());

        var stages = await fixture.Bob.GetAsync($"{Root}/stages");
        Assert.Equal(StageNames.Order(), Names(stages.GetProperty("stage_timings")).Order());
        Assert.Equal(["total_average_request_time", "slowest_stages", "bottleneck_threshold", "recommendations"], Names(stages.GetProperty("analysis")));
        Assert.Equal((100, 3), (stages.GetProperty("limit_applied").GetInt32(), stages.GetProperty("analysis").GetProperty("recommendations").GetArrayLength()));

        var live = await fixture.Bob.GetAsync($"{Root}/live");
        Assert.Equal("""{"count":0,"requests":[],"total_active_time":0}""", live.GetProperty("active_requests").GetRawText());
        Assert.Equal(["requests_per_minute", "memory_usage_mb", "cpu_usage_percent", "active_connections"], Names(live.GetProperty("system_metrics")));
        Assert.True(live.GetProperty("system_metrics").GetProperty("memory_usage_mb").GetDouble() > 1);
        Assert.True(live.GetProperty("system_metrics").GetProperty("active_connections").GetInt32() > 0);

        var health = await fixture.Bob.GetAsync($"{Root}/health");
        Assert.Equal(["health_status", "health_score", "metrics", "thresholds", "alerts", "recommendations", "timestamp"], Names(health));
        Assert.Equal(("healthy", 95), (health.GetProperty("health_status").GetString(), health.GetProperty("health_score").GetInt32()));
        Assert.Equal(["average_response_time", "slow_requests_count", "error_rate_percent", "active_requests", "requests_analyzed"], Names(health.GetProperty("metrics")));
        Assert.Equal(4, health.GetProperty("recommendations").GetArrayLength());

        using var reset = await fixture.Bob.Client.DeleteAsync($"{Root}/reset");
        var previous = (await reset.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("previous_data_summary");
        Assert.Equal(["total_requests", "total_providers", "active_requests", "data_collection_period"], Names(previous));

        var routes = await fixture.Bob.GetAsync("/api/v1/chat/metrics");
        Assert.Equal(["direct", "mcp_agent", "multiagent", "total_requests", "avg_routing_time_ms", "avg_total_time_ms", "distribution"], Names(routes));
        Assert.Equal("0.0%", routes.GetProperty("distribution").GetProperty("direct").GetString());
    }

    [Fact]
    public async Task The_summary_and_the_providers_come_from_what_was_called()
    {
        await CallRows.AddAsync(fixture, "anthropic", "claude-haiku-4-5", 1000);
        await CallRows.AddAsync(fixture, "anthropic", "claude-haiku-4-5", 3000, cost: null);
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 500, ago: 7200);
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 50, status: "failed", error: "overloaded", cost: 0);
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 90, status: "cancelled", error: "client_left");
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 700, ago: 90_000);

        var summary = await fixture.Bob.GetAsync($"{Root}/summary");
        var totals = summary.GetProperty("summary");
        Assert.Equal((5, 4, 5), (Whole(totals, "total_requests"), Whole(totals, "requests_last_hour"), Whole(totals, "requests_last_24h")));
        Assert.Equal((1.5, 0.5, 3, 1), (Number(totals, "average_response_time"), Number(totals, "min_response_time"), Number(totals, "max_response_time"), Number(totals, "median_response_time")));
        Assert.Equal("critical", summary.GetProperty("health_status").GetString());
        var claude = summary.GetProperty("providers").GetProperty("claude");
        Assert.Equal((2, 200, 0.001, 0, 0), (Whole(claude, "total_requests"), Whole(claude, "total_tokens"), Number(claude, "total_cost"), Whole(claude, "error_count"), Whole(claude, "error_rate")));
        var openAI = summary.GetProperty("providers").GetProperty("openai");
        Assert.Equal((3, 1, 33.33), (Whole(openAI, "total_requests"), Whole(openAI, "error_count"), Number(openAI, "error_rate")));

        var providers = (await fixture.Bob.GetAsync($"{Root}/providers")).GetProperty("providers");
        Assert.Equal(("warning", 2, 100), (providers.GetProperty("claude").GetProperty("status").GetString(), Number(providers.GetProperty("claude"), "average_response_time"), Number(providers.GetProperty("claude"), "uptime_percentage")));
        // 140 tokens in a quarter of 1 s and of 3 s: the model's half of the time less the quarter until its first piece.
        Assert.Equal(140, Number(providers.GetProperty("claude"), "tokens_per_second"));
        Assert.Equal(JsonValueKind.Null, providers.GetProperty("claude").GetProperty("last_error").ValueKind);
        Assert.Equal(("critical", 66.67), (providers.GetProperty("openai").GetProperty("status").GetString(), Number(providers.GetProperty("openai"), "uptime_percentage")));
        Assert.Equal(JsonValueKind.String, providers.GetProperty("openai").GetProperty("last_error").ValueKind);
        Assert.Contains("gpt-4o", providers.GetProperty("openai").GetProperty("available_models").EnumerateArray().Select(item => item.GetString()));
    }

    [Fact]
    public async Task The_window_is_the_last_thousand_calls()
    {
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 100, ago: 60, count: 500);
        await CallRows.AddAsync(fixture, "anthropic", "claude-haiku-4-5", 200, count: 800);

        var summary = await fixture.Bob.GetAsync($"{Root}/summary");
        Assert.Equal(1000, Whole(summary.GetProperty("summary"), "total_requests"));
        Assert.Equal((800, 200), (Whole(summary.GetProperty("providers").GetProperty("claude"), "total_requests"), Whole(summary.GetProperty("providers").GetProperty("openai"), "total_requests")));
        Assert.Equal((10, 100), (Whole((await fixture.Bob.GetAsync($"{Root}/stages?limit=10")).GetProperty("stage_timings").GetProperty("authentication"), "samples"),
            Whole((await fixture.Bob.GetAsync($"{Root}/stages")).GetProperty("stage_timings").GetProperty("authentication"), "samples")));
        using var refused = await fixture.Bob.Client.GetAsync($"{Root}/stages?limit=1001");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Stages_share_the_whole_of_the_time()
    {
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 3000);
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 1000);
        // Its answer has just gone out, and its times are not there yet.
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 0);

        var report = await fixture.Bob.GetAsync($"{Root}/stages");
        var timings = report.GetProperty("stage_timings");
        Assert.Equal((1, 0.5, 1.5, 2, 50), (Number(timings.GetProperty("llm_api_call"), "average_duration"), Number(timings.GetProperty("llm_api_call"), "min_duration"),
            Number(timings.GetProperty("llm_api_call"), "max_duration"), Whole(timings.GetProperty("llm_api_call"), "samples"), Number(timings.GetProperty("llm_api_call"), "percentage_of_total")));
        Assert.Equal(100, StageNames.Sum(stage => timings.GetProperty(stage).GetProperty("percentage_of_total").GetDecimal()));
        Assert.Equal(2, Number(report.GetProperty("analysis"), "total_average_request_time"));
        Assert.Equal("llm_api_call", report.GetProperty("analysis").GetProperty("slowest_stages")[0].GetProperty("stage").GetString());
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 1, 1, 1, 1, 1, 1)]
    [InlineData(999_999, 1, 0)]
    [InlineData(33, 33, 34, 1)]
    public void Percentages_add_up_to_a_hundred(params int[] parts)
    {
        var shares = StageAnalyzer.Shares([.. parts.Select(part => (long)part)]);
        Assert.Equal(100, shares.Sum(share => (decimal)share));
        Assert.All(shares, share => Assert.InRange(share, 0, 100));
    }

    [Fact]
    public async Task Live_requests_of_others_are_counted_and_shown_to_administrators_only()
    {
        var bob = await UserOfAsync(fixture.Bob);
        for (var count = 0; count < 12; count++)
            await CallRows.AddRunAsync(fixture, Guid.NewGuid(), ago: 20);
        await CallRows.AddRunAsync(fixture, bob);
        await CallRows.AddRunAsync(fixture, Guid.NewGuid(), lease: -1);

        var own = (await fixture.Bob.GetAsync($"{Root}/live")).GetProperty("active_requests");
        Assert.Equal(13, Whole(own, "count"));
        Assert.InRange(Number(own, "total_active_time"), 245, 400);
        var request = Assert.Single(own.GetProperty("requests").EnumerateArray());
        Assert.Equal(["request_id", "start_time", "current_duration", "provider", "model", "user_id", "status"], Names(request));
        Assert.Equal((bob, "claude", "processing"), (request.GetProperty("user_id").GetGuid(), request.GetProperty("provider").GetString(), request.GetProperty("status").GetString()));
        Assert.InRange(Number(request, "current_duration"), 5, 60);

        var live = await fixture.Alice.GetAsync($"{Root}/live");
        Assert.Equal((13, 10), (Whole(live.GetProperty("active_requests"), "count"), live.GetProperty("active_requests").GetProperty("requests").GetArrayLength()));
        Assert.Equal(13, Whole(live.GetProperty("system_metrics"), "requests_per_minute"));
    }

    [Theory]
    [InlineData(1.9, 0.9, "healthy", 95)]
    [InlineData(2.0, 0, "warning", 75)]
    [InlineData(0.1, 1.0, "warning", 75)]
    [InlineData(4.9, 4.9, "warning", 75)]
    [InlineData(5.0, 0, "critical", 40)]
    [InlineData(0.1, 5.0, "critical", 40)]
    public void Health_follows_the_rule_of_the_legacy_system(double seconds, double percent, string status, int score)
    {
        Assert.Equal(status, PerformanceHealth.StatusOf(seconds, percent));
        Assert.Equal(score, PerformanceHealth.ScoreOf(status));
    }

    [Fact]
    public async Task Health_looks_at_the_last_five_minutes_and_raises_alerts()
    {
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 7000, count: 9);
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 10, status: "failed", error: "server_error");
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 10, ago: 400, count: 100);

        var health = await fixture.Bob.GetAsync($"{Root}/health");
        Assert.Equal(("critical", 40), (health.GetProperty("health_status").GetString(), Whole(health, "health_score")));
        var metrics = health.GetProperty("metrics");
        Assert.Equal((7, 9, 10, 10), (Number(metrics, "average_response_time"), Whole(metrics, "slow_requests_count"), Number(metrics, "error_rate_percent"), Whole(metrics, "requests_analyzed")));
        Assert.Equal(["critical", "critical"], health.GetProperty("alerts").EnumerateArray().Select(alert => alert.GetProperty("level").GetString()));
    }

    [Fact]
    public async Task A_reset_moves_the_callers_own_window_and_takes_nothing_from_others()
    {
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 100, count: 3);
        using var reset = await fixture.Bob.Client.DeleteAsync($"{Root}/reset");
        var answer = await reset.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("success", 3, 1), (answer.GetProperty("status").GetString(), Whole(answer.GetProperty("previous_data_summary"), "total_requests"), Whole(answer.GetProperty("previous_data_summary"), "total_providers")));

        await using var replica = await fixture.StartAnotherAsync();
        using var alice = replica.As(AuthHost.DevelopmentKey);
        var begun = await fixture.Bob.GetAsync($"{Root}/summary");
        Assert.Equal((0, answer.GetProperty("reset_timestamp").GetString()), (Whole(begun.GetProperty("summary"), "total_requests"), begun.GetProperty("data_since").GetString()));
        Assert.Equal(0, Whole((await fixture.Bob.GetAsync($"{Root}/health")).GetProperty("metrics"), "requests_analyzed"));
        Assert.Equal(3, Whole((await alice.GetAsync($"{Root}/summary")).GetProperty("summary"), "total_requests"));
    }

    [Fact]
    public async Task Routing_is_told_by_the_names_of_the_legacy_system()
    {
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 100, count: 2);
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 100, route: "v1.chat.mcp-agent-hot");
        await CallRows.AddAsync(fixture, "openai", "gpt-4o", 100, route: "v1.chat.gamemaster");
        foreach (var path in new[] { "/api/v1/chat/metrics", "/api/v1/chat/orchestrated/metrics" })
        {
            var metrics = await fixture.Bob.GetAsync(path);
            Assert.Equal((2, 1, 1, 4, 10, 100), (Whole(metrics, "direct"), Whole(metrics, "mcp_agent"), Whole(metrics, "multiagent"), Whole(metrics, "total_requests"), Number(metrics, "avg_routing_time_ms"), Number(metrics, "avg_total_time_ms")));
            Assert.Equal(["50.0%", "25.0%", "25.0%"], metrics.GetProperty("distribution").EnumerateObject().Select(share => share.Value.GetString()));
        }
    }

    [Fact]
    public async Task Real_chats_give_the_figures_and_two_replicas_tell_the_same()
    {
        fixture.Provider.Reply("One.").Reply("Two.").Fail(HttpStatusCode.InternalServerError);
        await fixture.Bob.SayAsync("first", model: "gpt-4o-mini");
        await fixture.Bob.SayAsync("second", model: "claude-haiku-4-5");
        using (var failed = await fixture.Bob.PostAsync(new { message = "third", model = "gpt-4o-mini" }))
            Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);
        await fixture.UntilAsync("SELECT count(*) = 3 AND bool_and(llm_api_call_us > 0) FROM llm_calls");

        await using var replica = await fixture.StartAnotherAsync();
        using var elsewhere = replica.As(AuthHost.DevelopmentKey);
        var summary = await fixture.Bob.GetAsync($"{Root}/summary");
        var openAI = summary.GetProperty("providers").GetProperty("openai");
        var (asked, answered) = await TokensAsync("gpt-4o-mini");
        Assert.True(asked > 0 && answered > 0);
        Assert.Equal((2, asked + answered, 1, 50), (Whole(openAI, "total_requests"), Whole(openAI, "total_tokens"), Whole(openAI, "error_count"), Number(openAI, "error_rate")));
        Assert.Equal((0.00000015m * asked) + (0.0000006m * answered), openAI.GetProperty("total_cost").GetDecimal());
        (asked, answered) = await TokensAsync("claude-haiku-4-5");
        Assert.Equal((0.000001m * asked) + (0.000005m * answered), summary.GetProperty("providers").GetProperty("claude").GetProperty("total_cost").GetDecimal());
        Assert.Equal(Compact(summary.GetProperty("providers")), Compact((await elsewhere.GetAsync($"{Root}/summary")).GetProperty("providers")));

        var stages = await elsewhere.GetAsync($"{Root}/stages");
        Assert.Equal(3, Whole(stages.GetProperty("stage_timings").GetProperty("llm_api_call"), "samples"));
        Assert.Equal(100, StageNames.Sum(stage => stages.GetProperty("stage_timings").GetProperty(stage).GetProperty("percentage_of_total").GetDecimal()));

        await Eventually.TrueAsync(async () => Whole((await elsewhere.GetAsync("/api/v0.2/providers/stats")).GetProperty("summary"), "total_requests") == 3);
        var stats = await elsewhere.GetAsync("/api/v0.2/providers/stats");
        Assert.Equal(["requests_count", "total_tokens", "total_cost", "avg_response_time_ms", "error_count", "error_rate", "last_request", "unpriced_requests"], Names(stats.GetProperty("provider_stats").GetProperty("claude")));
        Assert.Equal((0.5, 0.3333), (Number(stats.GetProperty("provider_stats").GetProperty("openai"), "error_rate"), Number(stats.GetProperty("summary"), "overall_error_rate")));
        Assert.Equal(2, Whole(await elsewhere.GetAsync("/api/v0.2/providers/openai/stats"), "requests_count"));
        var model = await elsewhere.GetAsync("/api/v0.2/models/gpt-4o-mini");
        Assert.Equal((true, 2, 0.5), (model.GetProperty("is_measured").GetBoolean(), Whole(model, "requests_count"), Number(model, "error_rate")));
        Assert.InRange(Number(model, "avg_response_time_ms"), 1, 2000);
        Assert.False((await elsewhere.GetAsync("/api/v0.2/models/gpt-4o")).GetProperty("is_measured").GetBoolean());
        Assert.Equal("healthy", (await elsewhere.GetAsync("/api/v0.2/providers/claude/health")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_provider_that_fails_on_another_replica_sinks_here_too()
    {
        await CallRows.AddAsync(fixture, "anthropic", "claude-haiku-4-5", 50, status: "failed", error: "overloaded", count: 5);

        await Eventually.TrueAsync(async () => await RecommendedAsync() == "openai");
        Assert.Equal("unhealthy", (await fixture.Bob.GetAsync("/api/v0.2/providers/claude/health")).GetProperty("status").GetString());

        // What the provider does not take as it is says nothing about how it is.
        await CallRows.ClearAsync(fixture);
        await CallRows.AddAsync(fixture, "anthropic", "claude-haiku-4-5", 50, status: "failed", error: "request_rejected", count: 5);
        await Eventually.TrueAsync(async () => await RecommendedAsync() == "claude");

        async Task<string?> RecommendedAsync()
        {
            using var response = await fixture.Bob.PostRawAsync("/api/v0.2/models/recommend", """{"message": "Tell me something about rivers in Norway."}""");
            return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("provider").GetString();
        }
    }

    /// <summary>By a conversation of the caller's, for there is no route that tells a key's user.</summary>
    private async Task<Guid> UserOfAsync(ChatCaller caller)
    {
        using var made = await caller.Client.PostAsJsonAsync("/api/v1/conversations", new { title = "whose" });
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        return await fixture.QueryAsync<Guid>(string.Create(CultureInfo.InvariantCulture, $"SELECT user_id FROM conversations WHERE id = '{id}'"));
    }

    /// <summary>What the messages of the newest conversation with this model say that it used.</summary>
    private async Task<(int Asked, int Answered)> TokensAsync(string model) => (
        await fixture.QueryAsync<int>($"SELECT prompt_tokens FROM chat_messages WHERE model = '{model}' ORDER BY created_at DESC LIMIT 1"),
        await fixture.QueryAsync<int>($"SELECT completion_tokens FROM chat_messages WHERE model = '{model}' ORDER BY created_at DESC LIMIT 1"));

    private static int Whole(JsonElement body, string name) => (int)body.GetProperty(name).GetDouble();

    private static double Number(JsonElement body, string name) => body.GetProperty(name).GetDouble();

    private static IEnumerable<string> Names(JsonElement body) => body.EnumerateObject().Select(member => member.Name);

    private static string Compact(JsonElement body) => JsonSerializer.Serialize(body);
}
