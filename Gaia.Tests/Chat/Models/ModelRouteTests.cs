using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Models;

/// <summary>The provider, model and streaming-model routes: the catalogue with figures of what happened.</summary>
[Collection(SharedServers.Name)]
public sealed class ModelRouteTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private static readonly string[] CapabilityWords = ["chat", "tool_calling", "vision", "code_generation", "multimodal", "streaming", "long_context"];

    [Fact]
    public async Task Providers_are_listed_with_their_models_and_the_v1_alias_is_the_same()
    {
        foreach (var path in new[] { "/api/v0.2/providers", "/api/v1/providers" })
        {
            var list = await fixture.Alice.GetAsync(path);
            Assert.Equal(["providers", "total_providers", "health_status", "timestamp"], Names(list));
            Assert.Equal(["claude", "openai", "gaia"], Strings(list.GetProperty("providers"), "id"));
            Assert.Equal(3, list.GetProperty("total_providers").GetInt32());
            Assert.All(list.GetProperty("providers").EnumerateArray(), provider =>
            {
                Assert.Equal(("available", true), (provider.GetProperty("status").GetString(), provider.GetProperty("available").GetBoolean()));
                Assert.Contains(provider.GetProperty("health").GetString(), new[] { "healthy", "unhealthy", "unknown" });
                Assert.Contains("chat", provider.GetProperty("capabilities").EnumerateArray().Select(item => item.GetString()));
                Assert.NotEqual(0, provider.GetProperty("models").GetArrayLength());
                Assert.True(provider.GetProperty("last_health_check").GetString()!.Length == 26);
            });
        }

        var claude = await fixture.Alice.GetAsync("/api/v0.2/providers/claude");
        Assert.Equal(("claude", "Anthropic Claude"), (claude.GetProperty("id").GetString(), claude.GetProperty("name").GetString()));
        var models = await fixture.Alice.GetAsync("/api/v0.2/providers/claude/models");
        Assert.Equal(models.GetProperty("total").GetInt32(), models.GetProperty("models").GetArrayLength());
        var haiku = Assert.Single(models.GetProperty("models").EnumerateArray(), model => model.GetProperty("id").GetString() == "claude-3-haiku-20240307");
        Assert.Equal("{\"input_tokens_per_million\":0.25,\"output_tokens_per_million\":1.25}", Compact(haiku.GetProperty("pricing")));
        Assert.Equal("claude", (await fixture.Alice.GetAsync("/api/v0.2/providers/claude/health")).GetProperty("provider").GetString());
        Assert.Equal("claude", (await fixture.Alice.GetAsync("/api/v0.2/providers/claude/stats")).GetProperty("provider").GetString());
        foreach (var path in new[] { "", "/models", "/health", "/stats" })
            Assert.Equal((HttpStatusCode.NotFound, "Provider no-such not found"), await DetailAsync($"/api/v0.2/providers/no-such{path}"));
    }

    [Fact]
    public async Task A_provider_without_a_key_is_not_configured_and_never_healthy()
    {
        await using var chat = await fixture.StartAnotherAsync(("Providers:DefaultModel", ""), ("Providers:Anthropic:ApiKey", ""), ("Providers:Anthropic:BaseUrl", ""));
        using var alice = chat.As(AuthHost.DevelopmentKey);
        await alice.Client.PostAsync("/api/v0.2/providers/health/check", content: null);

        var claude = await alice.GetAsync("/api/v0.2/providers/claude");
        Assert.Equal(("not_configured", false, "unknown"), (claude.GetProperty("status").GetString(), claude.GetProperty("available").GetBoolean(), claude.GetProperty("health").GetString()));
        Assert.Equal("not_configured", (await alice.GetAsync("/api/v0.2/performance/providers")).GetProperty("providers").GetProperty("claude").GetProperty("status").GetString());
        Assert.DoesNotContain("claude", Strings((await alice.GetAsync("/api/v0.2/models")).GetProperty("models"), "provider"));
        Assert.All(Strings((await alice.GetAsync("/api/v0.2/models?status=not_configured")).GetProperty("models"), "provider"), provider => Assert.Equal("claude", provider));
        Assert.Equal("not_configured", (await alice.GetAsync("/api/v0.2/models/claude-haiku-4-5")).GetProperty("status").GetString());
        Assert.All(Strings((await alice.GetAsync("/api/v0.2/chat/stream/models")).GetProperty("models"), "provider"), provider => Assert.Equal("openai", provider));
    }

    [Fact]
    public async Task A_check_asks_for_the_models_sends_no_prompt_and_shows_no_key()
    {
        await using var provider = await ScriptedProvider.StartAsync();
        await using var chat = await fixture.StartAnotherAsync(
            ("Providers:OpenAI:BaseUrl", provider.OpenAiEndpoint.ToString()), ("Providers:Anthropic:BaseUrl", "http://127.0.0.1:1"));
        using var alice = chat.As(AuthHost.DevelopmentKey);
        Assert.Equal("unknown", (await alice.GetAsync("/api/v0.2/providers/openai/health")).GetProperty("status").GetString());

        using var response = await alice.Client.PostAsync("/api/v0.2/providers/health/check", content: null);
        var text = await response.Content.ReadAsStringAsync();
        var check = JsonDocument.Parse(text).RootElement;
        Assert.Equal("Health check triggered", check.GetProperty("message").GetString());
        Assert.Equal(["claude", "openai", "gaia"], check.GetProperty("providers_checked").EnumerateArray().Select(item => item.GetString()));
        Assert.DoesNotContain("sk-", text, StringComparison.Ordinal);
        var request = Assert.Single(provider.Requests);
        Assert.Equal((ChatHost.OpenAIKey, ""), (request.ApiKey, request.Body));

        var health = await alice.GetAsync("/api/v0.2/providers/health");
        Assert.Equal("degraded", health.GetProperty("overall_status").GetString());
        Assert.Equal(["healthy", "unhealthy", "healthy"], new[] { "openai", "claude", "gaia" }.Select(name => health.GetProperty("providers").GetProperty(name).GetProperty("status").GetString()));
        Assert.Equal("unreachable", health.GetProperty("providers").GetProperty("claude").GetProperty("error").GetString());
        Assert.Equal("degraded", (await alice.GetAsync("/api/v0.2/providers")).GetProperty("health_status").GetString());
    }

    [Fact]
    public async Task Models_are_listed_filtered_and_described()
    {
        var all = await fixture.Alice.GetAsync("/api/v0.2/models");
        Assert.Equal(["models", "total", "filters"], Names(all));
        Assert.Equal(all.GetProperty("total").GetInt32(), all.GetProperty("models").GetArrayLength());
        Assert.Contains("gaia-local", Strings(all.GetProperty("models"), "id"));
        var vision = await fixture.Alice.GetAsync("/api/v0.2/models?provider=openai&capability=vision");
        Assert.Equal(["gpt-4o-mini", "gpt-4o", "gpt-4-turbo"], Strings(vision.GetProperty("models"), "id"));
        Assert.Equal("openai", vision.GetProperty("filters").GetProperty("provider").GetString());
        Assert.Equal(0, (await fixture.Alice.GetAsync("/api/v1/models?provider=gemini")).GetProperty("total").GetInt32());
        Assert.Equal((HttpStatusCode.BadRequest, "Invalid capability: telepathy"), await DetailAsync("/api/v0.2/models?capability=telepathy"));
        Assert.Equal((HttpStatusCode.BadRequest, "Invalid provider: nobody"), await DetailAsync("/api/v0.2/models?provider=nobody"));

        var model = await fixture.Alice.GetAsync("/api/v0.2/models/gpt-4");
        Assert.Superset(
            new HashSet<string>
            {
                "id", "name", "provider", "capabilities", "max_tokens", "context_window", "cost_per_input_token", "cost_per_output_token", "avg_response_time_ms",
                "quality_score", "speed_score", "description", "is_deprecated", "supports_system_prompt", "supports_temperature", "supports_streaming",
            },
            Names(model).ToHashSet());
        Assert.Equal((0.00003m, 0.00006m, true, 8192), (model.GetProperty("cost_per_input_token").GetDecimal(), model.GetProperty("cost_per_output_token").GetDecimal(), model.GetProperty("is_deprecated").GetBoolean(), model.GetProperty("context_window").GetInt32()));
        Assert.Equal((HttpStatusCode.NotFound, "Model not found: no-such"), await DetailAsync("/api/v0.2/models/no-such"));

        Assert.Equal(CapabilityWords, (await fixture.Alice.GetAsync("/api/v0.2/models/capabilities")).GetProperty("capabilities").EnumerateArray().Select(item => item.GetString()));
        Assert.Equal(5, (await fixture.Alice.GetAsync("/api/v0.2/models/priorities")).GetProperty("total").GetInt32());
        Assert.Equal(7, (await fixture.Alice.GetAsync("/api/v0.2/models/contexts")).GetProperty("contexts").GetArrayLength());
    }

    [Fact]
    public async Task Models_are_recommended_and_compared()
    {
        using var response = await fixture.Alice.PostRawAsync("/api/v0.2/models/recommend", """{"message": "Write me a story about a fox.", "provider": "claude"}""");
        var recommended = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(("claude-sonnet-4-5", "claude"), (recommended.GetProperty("recommended_model").GetString(), recommended.GetProperty("provider").GetString()));
        Assert.Equal(3 * 0.000015m + 7 * 0.000003m, recommended.GetProperty("estimated_cost").GetDecimal());
        Assert.All(recommended.GetProperty("alternatives").EnumerateArray(), item => Assert.Equal("claude", item.GetProperty("provider").GetString()));

        foreach (var (body, detail) in new[]
        {
            ("""{"message": "x", "priority": "soon"}""", "Invalid priority: soon"), ("""{"message": "x", "context_type": "sad"}""", "Invalid context_type: sad"),
            ("""{"message": "x", "provider": "gemini"}""", "Invalid provider: gemini"), ("""{"message": "x", "required_capabilities": ["chat", "fly"]}""", "Invalid capability: fly"),
        })
        {
            using var refused = await fixture.Alice.PostRawAsync("/api/v0.2/models/recommend", body);
            Assert.Equal((HttpStatusCode.BadRequest, detail), (refused.StatusCode, JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString()));
        }

        foreach (var body in new[] { "{}", """{"message": 3}""", """{"message": "x", "max_response_time_ms": "soon"}""", """{"message": "x", "required_capabilities": "chat"}""" })
        {
            using var refused = await fixture.Alice.PostRawAsync("/api/v0.2/models/recommend", body);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        }

        var compared = await fixture.Alice.GetAsync("/api/v0.2/models/compare?model_ids=gpt-4,claude-3-haiku-20240307,no-such");
        Assert.Equal("claude-3-haiku-20240307", compared.GetProperty("best_for").GetProperty("speed").GetString());
        Assert.Equal("gpt-4", compared.GetProperty("best_for").GetProperty("quality").GetString());
        Assert.Equal("claude-3-haiku-20240307", compared.GetProperty("best_for").GetProperty("cost").GetString());
        Assert.Equal(["gpt-4", "claude-3-haiku-20240307"], Names(compared.GetProperty("models")));
        Assert.Equal(HttpStatusCode.BadRequest, (await DetailAsync("/api/v0.2/models/compare?model_ids=gpt-4")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await DetailAsync($"/api/v0.2/models/compare?model_ids={string.Join(',', Enumerable.Range(0, 11))}")).Status);
        Assert.Equal((HttpStatusCode.BadRequest, "No valid models found"), await DetailAsync("/api/v0.2/models/compare?model_ids=a,b"));
    }

    [Fact]
    public async Task Streaming_models_are_listed_ranked_and_recommended()
    {
        const string models = "/api/v0.2/chat/stream/models";
        var list = await fixture.Alice.GetAsync(models);
        Assert.Equal("intelligent", list.GetProperty("default_selection").GetString());
        Assert.Equal(4, list.GetProperty("selection_criteria").GetArrayLength());
        var first = list.GetProperty("models")[0];
        Assert.Superset(new HashSet<string> { "model_id", "name", "provider", "avg_ttft_ms", "quality_score", "vr_suitable" }, Names(first).ToHashSet());
        Assert.Contains("anthropic", Strings(list.GetProperty("models"), "provider"));
        Assert.Equal(3, (await fixture.Alice.GetAsync($"{models}?vr_only=true")).GetProperty("total").GetInt32());

        var report = await fixture.Alice.GetAsync($"{models}/performance");
        Assert.Superset(new HashSet<string> { "all_models", "rankings", "recommendations" }, Names(report).ToHashSet());
        Assert.Equal(["fastest_ttft", "highest_quality", "vr_suitable"], Names(report.GetProperty("rankings")));
        Assert.Equal(["vr_best", "quality_best", "balanced", "emergency"], Names(report.GetProperty("recommendations")));
        Assert.Equal("gpt-4o", report.GetProperty("recommendations").GetProperty("quality_best").GetString());

        var recommended = await fixture.Alice.GetAsync($"{models}/recommend?message=hello&priority=quality");
        Assert.Equal(("gpt-4o", 0.9, "generic"), (
            recommended.GetProperty("recommended_model").GetString(), recommended.GetProperty("confidence").GetDouble(), recommended.GetProperty("selection_criteria").GetProperty("activity").GetString()));
        Assert.Equal(3, recommended.GetProperty("alternatives").GetArrayLength());
        Assert.Equal((HttpStatusCode.BadRequest, "No models meet the specified requirements"), await DetailAsync($"{models}/recommend?message=hello&max_response_time_ms=0"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await DetailAsync($"{models}/recommend")).Status);

        var vr = await fixture.Alice.GetAsync($"{models}/vr-recommendation?message=hello");
        Assert.Equal("gpt-4o-mini", vr.GetProperty("recommended_model").GetString());
        Assert.True(vr.GetProperty("vr_features").GetProperty("ultra_low_latency").GetBoolean());
        Assert.Equal((HttpStatusCode.BadRequest, "No VR-optimized models available under 0ms latency"), await DetailAsync($"{models}/vr-recommendation?message=hello&max_latency_ms=0"));
    }

    [Fact]
    public async Task A_streaming_preference_is_kept_for_its_user_alone_and_on_every_replica()
    {
        const string path = "/api/v0.2/chat/stream/models/user-preference";
        var none = await fixture.Bob.GetAsync(path);
        Assert.Equal("""{"has_preference":false,"default":{"model_id":"gpt-4o-mini","priority":"balanced","vr_mode":false}}""", Compact(none));

        using var saved = await fixture.Alice.Client.PostAsync($"{path}?model_id=claude-3-haiku-20240307&priority=speed&vr_mode=true", content: null);
        var answer = await saved.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("success", "Streaming preference saved"), (answer.GetProperty("status").GetString(), answer.GetProperty("message").GetString()));
        await using var replica = await fixture.StartAnotherAsync();
        using var elsewhere = replica.As(AuthHost.DevelopmentKey);
        var found = await elsewhere.GetAsync(path);
        Assert.True(found.GetProperty("has_preference").GetBoolean());
        Assert.Equal(Compact(answer.GetProperty("preference")), Compact(found.GetProperty("preference")));
        Assert.False((await fixture.Bob.GetAsync(path)).GetProperty("has_preference").GetBoolean());

        foreach (var (query, status) in new[] { ("model_id=x", HttpStatusCode.BadRequest), ("model_id=gpt-4o&priority=soon", HttpStatusCode.BadRequest), ("priority=speed", HttpStatusCode.UnprocessableEntity) })
        {
            using var refused = await fixture.Alice.Client.PostAsync($"{path}?{query}", content: null);
            Assert.Equal(status, refused.StatusCode);
        }

        foreach (var had in new[] { true, false })
        {
            using var cleared = await fixture.Alice.Client.DeleteAsync(path);
            Assert.Equal(had, (await cleared.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("had_preference").GetBoolean());
        }
    }

    [Fact]
    public async Task Nobody_reads_the_catalogue_without_a_credential()
    {
        foreach (var path in new[] { "providers", "providers/health", "models", "models/gpt-4o", "chat/stream/models", "performance/summary" })
        {
            using var response = await fixture.Anonymous.Client.GetAsync($"/api/v0.2/{path}");
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    private async Task<(HttpStatusCode Status, string? Detail)> DetailAsync(string path)
    {
        using var response = await fixture.Alice.Client.GetAsync(path);
        var detail = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail");
        return (response.StatusCode, detail.ValueKind == JsonValueKind.String ? detail.GetString() : null);
    }

    private static IEnumerable<string> Names(JsonElement body) => body.EnumerateObject().Select(member => member.Name);

    private static IEnumerable<string> Strings(JsonElement list, string name) => list.EnumerateArray().Select(item => item.GetProperty(name).GetString()!);

    private static string Compact(JsonElement body) => JsonSerializer.Serialize(body);
}
