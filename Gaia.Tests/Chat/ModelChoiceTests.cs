using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

/// <summary>Which model answers when a request names none.</summary>
[Collection(SharedServers.Name)]
public sealed class ModelChoiceTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData("Providers:DefaultModel=", "claude-haiku-4-5")]
    [InlineData("Providers:DefaultModel=|Providers:DefaultProvider=openai", "gpt-4o-mini")]
    [InlineData("Providers:DefaultModel=|Providers:DefaultProvider=claude", "claude-haiku-4-5")]
    [InlineData("Providers:DefaultModel=|Providers:Anthropic:ApiKey=|Providers:Anthropic:BaseUrl=", "gpt-4o-mini")]
    [InlineData("Providers:DefaultModel=gpt-4o|Providers:DefaultProvider=claude", "gpt-4o")]
    [InlineData("Providers:DefaultModel=gaia-local", "gaia-local")]
    [InlineData("Providers:DefaultModel=llama3:8b|Providers:DefaultProvider=openai|Providers:OpenAI:ApiKey=", "llama3:8b")]
    [InlineData("Providers:DefaultModel=claude-haiku-4-5|Providers:Anthropic:ApiKey=|Providers:Anthropic:BaseUrl=", "gpt-4o-mini")]
    [InlineData("Providers:DefaultModel=|Providers:DefaultProvider=claude|Providers:Anthropic:ApiKey=|Providers:Anthropic:BaseUrl=|Providers:OpenAI:ApiKey=|Providers:OpenAI:BaseUrl=", "gaia-local")]
    public async Task The_default_model_follows_the_settings(string settings, string model)
    {
        fixture.Provider.Reply("ok");
        await using var chat = await fixture.StartAnotherAsync(settings.Split('|').Select(setting => setting.Split('=', 2)).Select(pair => (pair[0], (string?)pair[1])));
        using var alice = chat.As(AuthHost.DevelopmentKey);
        Assert.Equal(model, (await alice.AskAsync(new { message = "hi" })).GetProperty("model").GetString());
    }

    [Fact]
    public async Task A_provider_that_does_not_exist_keeps_the_service_from_starting()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => fixture.StartAnotherAsync(("Providers:DefaultProvider", "gemini")));
        Assert.Contains("use one of anthropic, openai, gaia", failure.ToString(), StringComparison.Ordinal);
    }
}
