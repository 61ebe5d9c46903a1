using System.Net.Http.Json;
using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.AI;

namespace Gaia.Tests.Chat.Turns;

/// <summary>What the catalogue says of a model holds for what it is sent, and what a provider reports for what is counted.</summary>
[Collection(SharedServers.Name)]
public sealed class ModelTermsTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData("true", "1.5 4096")]
    [InlineData("false", " 4096")]
    public async Task A_model_is_sent_no_more_than_it_takes(string temperature, string expected)
    {
        await using var chat = await fixture.StartAnotherAsync([
            ("Models:0:Id", "small"), ("Models:0:Provider", "openai"), ("Models:0:MaxOutputTokens", "4096"), ("Models:0:ContextWindow", "100000"), ("Models:0:SupportsTemperature", temperature)]);
        using var alice = chat.As(AuthHost.DevelopmentKey);
        fixture.Provider.Reply("ok");

        using var answer = await alice.Client.PostAsJsonAsync("/api/v1/chat/completions", new { messages = new[] { new { role = "user", content = "hello" } }, model = "small", temperature = 1.5, max_tokens = 20_000 });

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var sent = fixture.Provider.Requests[^1].Json;
        Assert.Equal(expected, $"{(sent.TryGetProperty("temperature", out var told) ? told : null)} {sent.GetProperty("max_completion_tokens")}");
    }

    [Fact]
    public void A_model_without_system_prompts_is_told_by_its_user()
    {
        var prompt = new Prompt("Be kind.", [new Said("user", "hello"), new Said("assistant", "hi")], "and now?", isWhole: false, maxOutputTokens: null);

        var sent = prompt.For(new ChatModel { Id = "plain", ContextWindow = 10_000, MaxOutputTokens = 1_000, SupportsSystemPrompt = false });

        Assert.Equal(["user: Be kind.\n\nhello", "assistant: hi", "user: and now?"], sent.Select(said => $"{said.Role}: {said.Text}"));
    }

    [Fact]
    public void Usage_that_is_reported_again_and_again_counts_once()
    {
        var usage = new ReportedUsage();
        foreach (var output in new[] { 1, 2, 3 })
            usage.Add(new UsageDetails { InputTokenCount = 100, OutputTokenCount = output });

        Assert.Equal((100, 3), (usage.Input, usage.Output));
    }
}
