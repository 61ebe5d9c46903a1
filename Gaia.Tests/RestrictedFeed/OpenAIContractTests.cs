using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Gaia.Tests.RestrictedFeed;

/// <summary>What reaches an OpenAI server through IChatClient and what comes back: true of the package and of its stand-in.</summary>
public sealed class OpenAIContractTests
{
    private static readonly ChatOptions Options = new()
    {
        ModelId = "gpt-x",
        Temperature = 0.5f,
        MaxOutputTokens = 7,
        StopSequences = ["END"],
        Tools = [AIFunctionFactory.Create((string city) => city, "weather", "Tells the weather")],
    };

    private static readonly ChatMessage[] Messages =
    [
        new(ChatRole.System, "be kind"),
        new(ChatRole.User, "weather?"),
        new(ChatRole.Assistant, [new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Rome" })]),
        new(ChatRole.Tool, [new FunctionResultContent("c1", "sunny")]),
        new(ChatRole.Assistant, "It is sunny."),
    ];

    [Fact]
    public async Task A_conversation_is_sent_as_it_is_and_the_answer_comes_back_whole()
    {
        await using var upstream = await Upstream.StartAsync(context => Json(context, """
            {"id":"r1","object":"chat.completion","created":1700000000,"model":"gpt-x-1","choices":[{"index":0,"finish_reason":"tool_calls","message":
            {"role":"assistant","content":"Hm","tool_calls":[{"id":"c2","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]}}],
            "usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}}
            """));
        var response = await Client(upstream).GetResponseAsync(Messages, Options);

        var sent = JsonNode.Parse(Assert.Single(upstream.Requests).Body)!;
        Assert.Equal("gpt-x", (string?)sent["model"]);
        Assert.Equal(0.5, (double?)sent["temperature"]);
        Assert.Equal(7, (int?)sent["max_completion_tokens"]);
        Assert.Equal("END", (string?)sent["stop"]![0]);
        Assert.Equal("auto", (string?)sent["tool_choice"]);
        Assert.Equal("weather", (string?)sent["tools"]![0]!["function"]!["name"]);
        Assert.Equal("Tells the weather", (string?)sent["tools"]![0]!["function"]!["description"]);
        Assert.False((bool?)sent["tools"]![0]!["function"]!["parameters"]!["additionalProperties"]);
        Assert.Equal(["system", "user", "assistant", "tool", "assistant"], sent["messages"]!.AsArray().Select(message => (string?)message!["role"]));
        Assert.Equal("Rome", (string?)JsonNode.Parse((string)sent["messages"]![2]!["tool_calls"]![0]!["function"]!["arguments"]!)!["city"]);
        Assert.Equal("sunny", Text(sent["messages"]![3]));
        Assert.Equal("It is sunny.", Text(sent["messages"]![4]));

        Assert.Equal("Hm", response.Text);
        Assert.Equal("gpt-x-1", response.ModelId);
        Assert.Equal("r1", response.ResponseId);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal((11, 3, 14), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount));
        var call = Assert.Single(response.Messages.Single().Contents.OfType<FunctionCallContent>());
        Assert.Equal(("c2", "weather", "Oslo"), (call.CallId, call.Name, call.Arguments!["city"]?.ToString()));
    }

    [Fact]
    public async Task A_stream_comes_in_pieces_and_its_tool_calls_whole()
    {
        string[] chunks =
        [
            """{"choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}""",
            """{"choices":[{"index":0,"delta":{"content":"lo"}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c3","type":"function","function":{"name":"weather","arguments":"{\"ci"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"ty\":\"Bern\"}"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
            """{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}}""",
        ];
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            foreach (var chunk in chunks)
            {
                var whole = JsonNode.Parse(chunk)!;
                (whole["id"], whole["object"], whole["created"], whole["model"]) = ("r2", "chat.completion.chunk", 1700000000, "gpt-x-1");
                await context.Response.WriteAsync($"data: {whole.ToJsonString()}\n\n");
            }

            await context.Response.WriteAsync("data: [DONE]\n\n");
        });
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in Client(upstream).GetStreamingResponseAsync(Messages, Options))
        {
            updates.Add(update);
        }

        Assert.True((bool?)JsonNode.Parse(Assert.Single(upstream.Requests).Body)!["stream"]);
        Assert.Equal(["Hel", "lo"], updates.Select(update => update.Text).Where(text => text.Length > 0));
        Assert.Equal("weather", Assert.Single(updates[^1].Contents.OfType<FunctionCallContent>()).Name);
        var response = updates.ToChatResponse();
        Assert.Equal("Hello", response.Text);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal("r2", response.ResponseId);
        Assert.Equal(11, response.Usage!.TotalTokenCount);
    }

    [Fact]
    public async Task An_error_is_the_sdks_own()
    {
        await using var upstream = await Upstream.StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            return Json(context, """{"error":{"message":"no such key","type":"invalid_request_error","code":"invalid_api_key"}}""");
        });
        var exception = await Assert.ThrowsAsync<ClientResultException>(() => Client(upstream).GetResponseAsync("hi"));
        Assert.Equal(401, exception.Status);
    }

    [Fact]
    public void A_client_says_whose_it_is()
    {
        var client = new OpenAIClient(new ApiKeyCredential("k"), new OpenAIClientOptions { Endpoint = new Uri("http://llm.test/v1") }).GetChatClient("m").AsIChatClient();
        var built = new ChatClientBuilder(client).Use(inner => new Named("outer", inner)).Use(inner => new Named("inner", inner)).Build();
        Assert.Equal("outer>inner", built.GetService<string>());
        Assert.Equal(("openai", "m"), (client.GetService<ChatClientMetadata>()!.ProviderName, client.GetService<ChatClientMetadata>()!.DefaultModelId));
    }

    private static IChatClient Client(Upstream upstream) =>
        new OpenAIClient(new ApiKeyCredential("k"), new OpenAIClientOptions { Endpoint = upstream.Address, RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient("default").AsIChatClient();

    private static Task Json(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    // The SDK writes one text part as a string or as a list of one.
    private static string? Text(JsonNode? message) => message!["content"] is { } content && content.GetValueKind() == JsonValueKind.String ? (string?)content : (string?)message["content"]![0]!["text"];

    private sealed class Named(string name, IChatClient inner) : DelegatingChatClient(inner)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(string) ? InnerClient.GetService<string>() is { } next ? $"{name}>{next}" : name : base.GetService(serviceType, serviceKey);
    }
}
