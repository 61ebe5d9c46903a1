using Gaia.Chat.Models;
using Gaia.Chat.Performance;

namespace Gaia.Tests.Chat.Models;

/// <summary>The ranking of streaming models, by the examples that clients of the legacy system know.</summary>
public sealed class StreamingModelTests
{
    [Theory]
    [InlineData("speed", "gpt-3.5-turbo")]
    [InlineData("vr", "gpt-3.5-turbo")]
    [InlineData("balanced", "gpt-3.5-turbo")]
    [InlineData("quality", "gpt-4o")]
    [InlineData("cost", "claude-3-haiku-20240307")]
    public void A_priority_has_its_best_model(string priority, string model) =>
        Assert.Equal(model, StreamingModels.Rank(All(), priority, maxTtftMs: null, vrOptimized: false)[0].Id);

    [Fact]
    public void Limits_leave_out_what_does_not_meet_them()
    {
        Assert.Equal(["gpt-3.5-turbo"], StreamingModels.Rank(All(), "quality", maxTtftMs: 160, vrOptimized: false).Select(item => item.Id));
        Assert.Equal("gpt-4o-mini", StreamingModels.Rank(All(), "quality", maxTtftMs: null, vrOptimized: true)[0].Id);
        Assert.Empty(StreamingModels.Rank(All(), "quality", maxTtftMs: 100, vrOptimized: false));
    }

    [Fact]
    public void Virtual_reality_within_200_ms_is_for_gpt_4o_mini_and_then_gpt_3_5_turbo()
    {
        Assert.Equal(["gpt-4o-mini", "gpt-3.5-turbo"], StreamingModels.RankForVr(All(), 200).Select(item => item.Id));
        Assert.Empty(StreamingModels.RankForVr(All(), 100));
    }

    [Fact]
    public void What_was_measured_takes_the_place_of_what_was_expected()
    {
        var measured = CallFigures.None with { Provider = "openai", Model = "gpt-4o", Requests = 4, Completed = 4, FirstChunkUs = 42_000, AnsweringUs = 2_000_000, AnsweredTokens = 240 };
        var item = Assert.Single(StreamingModels.Of(new Catalogue().Models.Usable, new CallFiguresTable([measured])), item => item.Id == "gpt-4o");

        Assert.Equal((42, 120, true), (item.TtftMs, item.TokensPerSecond, item.IsMeasured));
        Assert.Equal("gpt-4o", StreamingModels.Rank([item, .. All().Where(other => other.Id != "gpt-4o")], "speed", maxTtftMs: null, vrOptimized: false)[0].Id);
    }

    [Fact]
    public void Only_what_can_be_asked_here_counts()
    {
        Assert.Equal(6, All().Count);
        Assert.All(StreamingModels.Of(new Catalogue(openAI: false).Models.Usable, CallFiguresTable.Empty), item => Assert.Equal("anthropic", item.Model.Provider));
        Assert.Equal("gaia-local", Assert.Single(StreamingModels.Of(new Catalogue(anthropic: false, openAI: false).Models.Usable, CallFiguresTable.Empty)).Id);
    }

    private static IReadOnlyList<StreamingModel> All() => StreamingModels.Of(new Catalogue().Models.Usable, CallFiguresTable.Empty);
}
