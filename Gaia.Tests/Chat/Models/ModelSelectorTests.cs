using Gaia.Chat.Providers;
using Microsoft.Extensions.Options;

namespace Gaia.Tests.Chat.Models;

/// <summary>Which model a request gets.</summary>
public sealed class ModelSelectorTests
{
    [Theory]
    [InlineData("Tell me something about rivers in Norway.", "generic", "claude-haiku-4-5", "conversation")]
    [InlineData("Hi there, how are you?", "generic", "gpt-3.5-turbo", "greeting")]
    [InlineData("I think that history is a matter of taste.", "generic", "claude-haiku-4-5", "conversation")]
    [InlineData("Please help me with debugging this function.", "generic", "claude-sonnet-4-5", "technical")]
    [InlineData("Write me a story about a fox.", "generic", "claude-sonnet-4-5", "creative")]
    [InlineData("What is in this picture of my house?", "generic", "claude-sonnet-4-5", "multimodal")]
    [InlineData("Urgent: where is the nearest way out?", "generic", "claude-haiku-4-5", "emergency")]
    [InlineData("Open the door, please, and walk through it.", "XR", "claude-3-haiku-20240307", "vr")]
    [InlineData("Open the door, please, and walk through it.", "coding", "claude-sonnet-4-5", "technical")]
    public void A_selection_follows_the_activity_and_the_words_of_the_message(string message, string activity, string model, string context)
    {
        var choice = new Catalogue().Selector.Choose(new ModelWish(message) { Activity = activity, AutoSelect = true });

        Assert.Equal(model, choice.Model.Id);
        Assert.Contains($"for {context} context", choice.Reasoning, StringComparison.Ordinal);
        Assert.Equal(choice.Reasoning, choice.StreamReasoning);
        Assert.InRange(choice.Confidence, 0.1, 1);
        Assert.Equal(3, choice.Fallbacks.Count);
        Assert.NotEqual(choice.Model.Provider, choice.Fallbacks[0].Provider);
        Assert.DoesNotContain(choice.Model, choice.Fallbacks);
        Assert.All(choice.Fallbacks, fallback => Assert.False(fallback.IsDeprecated || fallback.Provider == "gaia"));
    }

    [Fact]
    public void What_the_request_says_wins_over_what_its_context_asks_for()
    {
        var selector = new Catalogue().Selector;
        var wish = new ModelWish("Write me a story about a fox.") { AutoSelect = true };

        Assert.Equal("gpt-3.5-turbo", selector.Choose(wish with { ContextType = "greeting" }).Model.Id);
        Assert.Equal("claude-haiku-4-5", selector.Choose(wish with { Priority = "speed" }).Model.Id);
        Assert.Equal("gpt-4-turbo", selector.Choose(wish with { Provider = "openai" }).Model.Id);
        Assert.Equal("gpt-4o-mini", selector.Choose(wish with { MaxResponseTimeMs = 500, RequiredCapabilities = ["vision", "no such thing"] }).Model.Id);
        var impossible = selector.Choose(wish with { MaxResponseTimeMs = 1 });
        Assert.Contains("no model meets every constraint", impossible.Reasoning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_named_wins_and_a_provider_gets_its_first_model()
    {
        var selector = new Catalogue(defaultModel: "gpt-4o-mini").Selector;

        var named = selector.Choose(new ModelWish("hi") { Model = "GPT-4", AutoSelect = true });
        Assert.Equal(("gpt-4", "Explicit model selection: gpt-4", "Force-selected: gpt-4 (intelligence disabled)"), (named.Model.Id, named.Reasoning, named.StreamReasoning));
        Assert.Equal(1, named.Confidence);
        Assert.Equal("anthropic", named.Fallbacks[0].Provider);

        Assert.Equal("claude-haiku-4-5", selector.Choose(new ModelWish("hi") { Provider = "claude" }).Model.Id);
        Assert.Equal("gpt-4o-mini", selector.Choose(new ModelWish("hi") { Provider = "openai" }).Model.Id);
        Assert.Equal("gaia-local", selector.Choose(new ModelWish("hi") { Provider = "gaia" }).Model.Id);

        foreach (var wish in new[] { new ModelWish("hi"), new ModelWish("hi") { Model = "no-such-model" }, new ModelWish("hi") { Provider = "gemini" } })
        {
            var usual = selector.Choose(wish);
            Assert.Equal(("gpt-4o-mini", "Default model: gpt-4o-mini (single model mode)"), (usual.Model.Id, usual.StreamReasoning));
        }

        Assert.Empty(selector.Choose(new ModelWish("hi") { EnableFallback = false }).Fallbacks);
    }

    [Fact]
    public void Without_a_key_the_offline_model_is_all_there_is_and_with_one_it_is_never_selected()
    {
        var offline = new Catalogue(anthropic: false, openAI: false).Selector.Choose(new ModelWish("Write me a story.") { AutoSelect = true });
        Assert.Equal("gaia-local", offline.Model.Id);
        Assert.Empty(offline.Fallbacks);

        var one = new Catalogue(anthropic: false).Selector;
        var choice = one.Choose(new ModelWish("Urgent!") { AutoSelect = true, MaxResponseTimeMs = 30 });
        Assert.Equal("openai", choice.Model.Provider);
        Assert.All(choice.Fallbacks, model => Assert.Equal("openai", model.Provider));
        Assert.Equal("gpt-4o-mini", one.Choose(new ModelWish("hi") { Model = "claude-haiku-4-5" }).Model.Id);
    }

    [Fact]
    public void Models_of_a_provider_that_fails_sink_until_it_is_well_again()
    {
        var catalogue = new Catalogue();
        var wish = new ModelWish("Tell me something about rivers in Norway.") { AutoSelect = true };
        catalogue.Outcomes.Failed("anthropic", ProviderFault.RequestRejected);
        Assert.Equal("anthropic", catalogue.Selector.Choose(wish).Model.Provider);

        for (var count = 0; count < 3; count++)
            catalogue.Outcomes.Failed("anthropic", ProviderFault.Overloaded);
        Assert.Equal("gpt-4o", catalogue.Selector.Choose(wish).Model.Id);

        catalogue.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal("claude-haiku-4-5", catalogue.Selector.Choose(wish).Model.Id);
    }

    [Theory]
    [InlineData("capability", "has Capabilities that do not exist: use chat, ")]
    [InlineData("price", "needs prices from zero or none")]
    [InlineData("streaming", "Streaming figures above zero")]
    public void A_mistake_in_the_catalogue_is_told_at_the_start(string mistake, string message)
    {
        var model = new ChatModel { Id = "m", Provider = "openai", ContextWindow = 1000, MaxOutputTokens = 100 };
        switch (mistake)
        {
            case "capability":
                model.Capabilities = ["telepathy"];
                break;
            case "price":
                model.InputTokenPrice = -1;
                break;
            default:
                model.Streaming = new StreamingFigures();
                break;
        }

        var result = new ChatModelsValidator().Validate(name: null, [model]);
        Assert.True(result.Failed);
        Assert.Contains(message, result.FailureMessage, StringComparison.Ordinal);
        Assert.Equal(ValidateOptionsResult.Success, new ChatModelsValidator().Validate(name: null, [.. new Catalogue().Models.All]));
    }
}
