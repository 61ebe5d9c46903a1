using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Families;

/// <summary>Bullet 1: each family with its own memory, shape and errors.</summary>
[Collection(SharedServers.Name)]
public sealed class FamilyTests(ChatFixture fixture) : IClassFixture<ChatFixture>, IAsyncLifetime
{
    private const string V02 = "/api/v0.2/chat";
    private const string V03 = "/api/v0.3/chat";

    public async Task InitializeAsync()
    {
        using var cleared = await fixture.Alice.Client.DeleteAsync($"{V02}/history");
        Assert.Equal(HttpStatusCode.OK, cleared.StatusCode);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task V03_answers_with_exactly_two_fields_and_remembers_inside_a_conversation()
    {
        fixture.Provider.Reply("Noted.").Reply("Seven.");
        var first = await PostAsync(V03, new { message = "I have seven bees.", model = ChatHost.OpenAIModel });
        Assert.Equal(["response", "conversation_id"], Names(first));
        var conversation = first.GetProperty("conversation_id").GetGuid();

        var second = await PostAsync(V03, new { message = "How many?", conversation_id = conversation });
        Assert.Equal(("Seven.", conversation), (second.GetProperty("response").GetString(), second.GetProperty("conversation_id").GetGuid()));
        Assert.Equal([("user", "I have seven bees."), ("assistant", "Noted."), ("user", "How many?")], Sent());
        // v1 goes on with it.
        Assert.Equal(4, (await fixture.Alice.MessagesAsync(conversation.ToString())).Count);
    }

    [Fact]
    public async Task V03_without_a_message_is_a_400_in_its_own_shape()
    {
        using var response = await fixture.Alice.PostRawAsync(V03, """{"conversation_id":"new"}""");
        Assert.Equal((HttpStatusCode.BadRequest, """{"error":"Missing required field: message"}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        using var foreign = await fixture.Bob.PostRawAsync(V03, $$"""{"message":"hi","conversation_id":"{{await fixture.Alice.SayAsync("mine")}}"}""");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
    }

    [Theory]
    [InlineData(ChatHost.OpenAIModel, "openai")]
    [InlineData(ChatHost.AnthropicModel, "claude")]
    public async Task V02_answers_in_its_shape_with_the_callers_memory_and_says_which_version_it_is(string model, string provider)
    {
        fixture.Provider.Reply("Noted.").Reply("Fig.");
        using var response = await fixture.Alice.Client.PostAsJsonAsync(V02, new { message = "The word is fig.", model, conversation_id = "ignored", temperature = 9 });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("0.2", response.Headers.GetValues("X-API-Version").Single());
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["response", "provider", "model", "usage", "response_time_ms", "reasoning", "fallback_used"], Names(answer));
        Assert.Equal(("Noted.", provider, model, false), (answer.GetProperty("response").GetString(), answer.GetProperty("provider").GetString(), answer.GetProperty("model").GetString(), answer.GetProperty("fallback_used").GetBoolean()));
        Assert.Equal($"Explicit model selection: {model}", answer.GetProperty("reasoning").GetString());
        var usage = answer.GetProperty("usage");
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("output_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("input_tokens").GetInt32());

        var second = await PostAsync(V02, new { message = "Which word?", model });
        Assert.Equal("Fig.", second.GetProperty("response").GetString());
        Assert.Equal([("user", "The word is fig."), ("assistant", "Noted."), ("user", "Which word?")], Sent());
        Assert.Equal(4, (await fixture.Alice.GetAsync($"{V02}/status")).GetProperty("message_count").GetInt32());
    }

    [Fact]
    public async Task All_routes_without_conversations_share_one_memory_that_no_list_shows_and_nobody_else_has()
    {
        fixture.Provider.Reply("one").Reply("two").Reply("three").Reply("bob");
        await PostAsync(V02, new { message = "first of all" });
        await PostAsync("/api/v1/chat/completions", new { message = "second" });
        await PostAsync("/api/v1/chat/multi-provider", new { message = "third" });
        Assert.Equal(["first of all", "one", "second", "two", "third"], Sent().Select(message => message.Text));
        var before = (await fixture.Alice.GetAsync("/api/v1/conversations")).GetRawText();
        Assert.DoesNotContain("first of all", before, StringComparison.Ordinal);

        using var others = await fixture.Bob.Client.PostAsJsonAsync(V02, new { message = "anything?" });
        Assert.Equal(["anything?"], Sent().Select(message => message.Text));

        Assert.Equal("""{"message_count":6,"has_history":true}""", (await fixture.Alice.GetAsync("/api/v1/chat/status")).GetRawText());
        Assert.Equal("""{"message_count":6,"has_history":true,"api_version":"0.2"}""", (await fixture.Alice.GetAsync($"{V02}/status")).GetRawText());
        Assert.Equal(6, (await fixture.Alice.GetAsync($"{V02}/stream/status")).GetProperty("message_count").GetInt32());
        Assert.Equal("""{"status":"success","cleared":["memory","redis"]}""", await DeleteAsync("/api/v1/chat/history"));
        Assert.Equal("""{"message_count":0,"has_history":false}""", (await fixture.Alice.GetAsync("/api/v1/chat/status")).GetRawText());
        Assert.Equal("""{"status":"success","message":"Chat history cleared","api_version":"0.2"}""", await DeleteAsync($"{V02}/history"));
        Assert.StartsWith("""{"status":"success","message":"Streaming chat history cleared","timestamp":""", await DeleteAsync($"{V02}/stream/history"), StringComparison.Ordinal);
        Assert.Equal(2, (await fixture.Bob.GetAsync("/api/v1/chat/status")).GetProperty("message_count").GetInt32());
    }

    [Theory]
    [InlineData("/api/v1/chat/reload-prompt", """{"status":"success","message":"System prompt reloaded successfully"}""")]
    [InlineData("/api/v0.2/chat/reload-prompt", """{"status":"success","message":"System prompt reloaded successfully","api_version":"0.2"}""")]
    public async Task The_prompt_can_be_reloaded(string path, string expected)
    {
        using var response = await fixture.Alice.Client.PostAsync(path, content: null);
        Assert.Equal((HttpStatusCode.OK, expected), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("/api/v1/chat/completions")]
    [InlineData("/api/v0.2/chat/completions")]
    public async Task OpenAIs_messages_are_the_whole_context_and_the_answer_is_OpenAIs(string path)
    {
        fixture.Provider.Reply("Aye.");
        var answer = await PostAsync(path, new
        {
            model = ChatHost.OpenAIModel,
            temperature = 0.3,
            max_tokens = 50,
            messages = new object[]
            {
                new { role = "system", content = "Speak as a pirate." }, new { role = "user", content = "Hi" }, new { role = "assistant", content = "Ahoy" },
                new { role = "user", content = new object[] { new { type = "text", text = "Is it " }, new { type = "text", text = "wet?" } } },
            },
        });

        Assert.Equal(["id", "object", "created", "model", "choices", "usage"], Names(answer));
        Assert.Equal(("chat.completion", "Aye."), (answer.GetProperty("object").GetString(), answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()));
        var sent = fixture.Provider.Requests[^1].Messages.Select(message => (message.Role, message.Text));
        Assert.Equal([("system", "Speak as a pirate."), ("user", "Hi"), ("assistant", "Ahoy"), ("user", "Is it wet?")], sent);
        Assert.Equal(0, (await fixture.Alice.GetAsync("/api/v1/chat/status")).GetProperty("message_count").GetInt32());
    }

    [Fact]
    public async Task The_form_with_a_message_has_the_fields_of_both_families()
    {
        fixture.Provider.Reply("Both.");
        var answer = await PostAsync("/api/v1/chat/completions", new { message = "hi" });
        Assert.Superset(
            new HashSet<string> { "id", "object", "created", "model", "choices", "usage", "response", "provider", "response_time_ms", "reasoning", "fallback_used" },
            Names(answer).ToHashSet());
        Assert.Equal("Both.", answer.GetProperty("response").GetString());
        Assert.Equal("Both.", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("{}", "message")]
    [InlineData("""{"message":""}""", "message")]
    [InlineData("""{"message":" \n"}""", "message")]
    [InlineData("""{"message":7}""", "message")]
    [InlineData("""{"message":"hi","provider":"acme"}""", "provider")]
    [InlineData("""{"message":"hi","priority":"soon"}""", "priority")]
    [InlineData("""{"message":"hi","context_type":"none"}""", "context_type")]
    [InlineData("""{"message":"hi","stream":"yes"}""", "stream")]
    [InlineData("""{"message":"hi","max_response_time_ms":"1"}""", "max_response_time_ms")]
    [InlineData("""{"message":"hi","required_capabilities":"chat"}""", "required_capabilities")]
    [InlineData("""{"message":"hi","enable_fallback":1}""", "enable_fallback")]
    public async Task V02_says_what_is_wrong_with_a_request_and_keeps_nothing_of_it(string body, string field)
    {
        foreach (var path in new[] { V02, $"{V02}/stream", "/api/v1/chat/gamemaster", "/api/v1/chat/ultrafast", "/api/v1/chat/multi-provider" })
        {
            using var response = await fixture.Alice.PostRawAsync(path, body);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
            var mistake = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail")[0];
            Assert.Equal(["type", "loc", "msg"], Names(mistake));
            Assert.Equal(["body", field], mistake.GetProperty("loc").EnumerateArray().Select(part => part.GetString()));
        }

        Assert.Equal(0, (await fixture.Alice.GetAsync("/api/v1/chat/status")).GetProperty("message_count").GetInt32());
    }

    [Theory]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":"hi"}""")]
    [InlineData("""{"messages":[{"role":"user"},"x"]}""")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"},{"role":"user","content":"x"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"x"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":3}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":0}""")]
    [InlineData("{}")]
    public async Task Messages_that_make_no_sense_are_a_422(string body)
    {
        using var response = await fixture.Alice.PostRawAsync("/api/v1/chat/completions", body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task A_failed_provider_is_named_as_v02_does_with_the_status_that_makes_sense()
    {
        fixture.Provider.Fail(HttpStatusCode.InternalServerError);
        using var response = await fixture.Alice.Client.PostAsJsonAsync(V02, new { message = "hi", enable_fallback = false });
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.StartsWith("Chat completion failed: The model provider", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        fixture.Provider.Reply("fine again");
        await PostAsync(V02, new { message = "and now?" });
    }

    [Theory]
    [InlineData("direct", "_response_time_ms")]
    [InlineData("mcp-agent-hot", "_response_time_ms,_hot_loaded")]
    [InlineData("direct-db", "_response_time_ms,conversation_id")]
    [InlineData("orchestrated", "metadata")]
    [InlineData("intelligent", "_intelligent_routing")]
    public async Task A_variant_answers_as_OpenAI_with_its_own_fields(string name, string fields)
    {
        fixture.Provider.Reply("Plain.");
        var answer = await PostAsync($"/api/v1/chat/{name}", new { message = "hi" });
        Assert.Equal([.. "id,object,created,model,choices,usage".Split(','), .. fields.Split(',')], Names(answer));
        Assert.Equal("Plain.", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("ultrafast", "response,model,response_time_ms")]
    [InlineData("ultrafast-redis", "response,model,response_time_ms,api_time_ms,history_length")]
    [InlineData("ultrafast-redis-v2", "response,model,response_time_ms,context_messages,history_length")]
    [InlineData("ultrafast-redis-v3", "response,model,response_time_ms,api_time_ms,redis_time_ms,context_messages,parallel_ops")]
    public async Task A_quick_variant_answers_with_figures_of_its_own(string name, string fields)
    {
        fixture.Provider.Reply("Quick.");
        var answer = await PostAsync($"/api/v1/chat/{name}", new { message = "hi" });
        Assert.Equal(fields.Split(','), Names(answer));
        if (answer.TryGetProperty("history_length", out var length))
            Assert.Equal(2, length.GetInt32());
        if (answer.TryGetProperty("context_messages", out var context))
            Assert.Equal(fixture.Provider.Requests[^1].Messages.Count, context.GetInt32());
        Assert.Equal(name == "ultrafast" ? 0 : 2, (await fixture.Alice.GetAsync("/api/v1/chat/status")).GetProperty("message_count").GetInt32());
    }

    [Theory]
    [InlineData("gamemaster", "hello", "gamemaster", "game_master", "tavern_bartender,tavern_musician,merchant_patron,city_guard")]
    [InlineData("worldbuilding", "hello", "worldbuilding", "world_architect", "geography_specialist,culture_specialist,history_specialist,economics_specialist")]
    [InlineData("storytelling", "hello", "storytelling", "story_weaver", "hero_narrator,villain_narrator,commoner_narrator,scholar_narrator")]
    [InlineData("problemsolving", "hello", "problemsolving", "expert_team", "game_design_expert,technical_expert,narrative_expert,psychology_expert")]
    [InlineData("mcp-agent", "Tell me a story with a twist in the plot", "storytelling", "story_weaver", "hero_narrator,villain_narrator,commoner_narrator,scholar_narrator")]
    [InlineData("mcp-agent", "hello", "gamemaster", "game_master", "tavern_bartender,tavern_musician,merchant_patron,city_guard")]
    public async Task A_scene_is_played_by_one_model_that_is_told_its_parts(string route, string message, string scenario, string orchestrator, string agents)
    {
        fixture.Provider.Reply("The scene.");
        var before = fixture.Provider.Requests.Count;
        var answer = await PostAsync($"/api/v1/chat/{route}", new { message });

        Assert.Equal(before + 1, fixture.Provider.Requests.Count);
        var instructions = fixture.Provider.Requests[^1].Messages[0];
        Assert.Equal("system", instructions.Role);
        Assert.All(agents.Split(','), agent => Assert.Contains(agent.Replace('_', ' '), instructions.Text, StringComparison.Ordinal));
        Assert.StartsWith("multiagent-", answer.GetProperty("id").GetString(), StringComparison.Ordinal);
        var scene = answer.GetProperty("_multiagent");
        Assert.Equal(["scenario_type", "orchestrator", "agent_count", "coordination_time_ms", "agent_names", "hot_loaded"], Names(scene));
        Assert.Equal((scenario, orchestrator, 4), (scene.GetProperty("scenario_type").GetString(), scene.GetProperty("orchestrator").GetString(), scene.GetProperty("agent_count").GetInt32()));
        Assert.Equal(agents.Split(','), scene.GetProperty("agent_names").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_variant_goes_on_with_the_conversation_that_its_query_names_if_it_is_the_callers()
    {
        fixture.Provider.Reply("one").Reply("two");
        var id = (await PostAsync("/api/v1/chat/direct-db", new { message = "first" })).GetProperty("conversation_id").GetGuid();
        Assert.Equal(id, (await PostAsync($"/api/v1/chat/direct-db?conversation_id={id}", new { message = "second" })).GetProperty("conversation_id").GetGuid());
        Assert.Equal(["first", "one", "second"], Sent().Select(message => message.Text));
        using var foreign = await fixture.Bob.Client.PostAsJsonAsync($"/api/v1/chat/direct-db?conversation_id={id}", new { message = "mine?" });
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
    }

    private static IEnumerable<string> Names(JsonElement value) => value.EnumerateObject().Select(member => member.Name);

    /// <summary>What the model was sent last, without the system prompt.</summary>
    private IEnumerable<(string Role, string Text)> Sent() =>
        fixture.Provider.Requests[^1].Messages.Where(message => message.Role is not ("system" or "developer")).Select(message => (message.Role, message.Text));

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await fixture.Alice.Client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} {(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<string> DeleteAsync(string path)
    {
        using var response = await fixture.Alice.Client.DeleteAsync(path);
        return await response.Content.ReadAsStringAsync();
    }
}
