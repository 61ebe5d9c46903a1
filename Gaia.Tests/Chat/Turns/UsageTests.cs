using System.Diagnostics;
using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Turns;

[Collection(SharedServers.Name)]
public sealed class UsageTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task The_tokens_and_the_cost_of_a_call_are_written_with_its_answer()
    {
        fixture.Provider.Reply("four little words here");
        var conversation = await fixture.Alice.SayAsync("Hello");

        // The scripted provider counts words: four of the system prompt, one of the message, four of the answer.
        Assert.Equal(
            "v1.chat openai gpt-4o-mini completed 5 4 provider",
            await fixture.QueryAsync<string>($"SELECT concat_ws(' ', route, provider, model, status, prompt_tokens, completion_tokens, usage_source) FROM llm_calls WHERE conversation_id = '{conversation}'"));
        // 0.15 and 0.60 USD for a million.
        Assert.Equal((5 * 0.00000015m) + (4 * 0.0000006m), await fixture.QueryAsync<decimal>($"SELECT cost_usd FROM llm_calls WHERE conversation_id = '{conversation}'"));
    }

    [Fact]
    public async Task An_answer_is_kept_with_its_cost_or_not_at_all()
    {
        await fixture.QueryAsync<long?>("ALTER TABLE llm_calls ADD CONSTRAINT refuse_all CHECK (false) NOT VALID");
        try
        {
            fixture.Provider.Reply("lost");
            using var response = await fixture.Alice.PostAsync(new { message = "kept without an answer" });
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Equal("user", await fixture.QueryAsync<string>(
                "SELECT string_agg(role, ' ') FROM chat_messages WHERE conversation_id = (SELECT conversation_id FROM chat_messages WHERE content = 'kept without an answer')"));
        }
        finally
        {
            await fixture.QueryAsync<long?>("ALTER TABLE llm_calls DROP CONSTRAINT refuse_all");
        }
    }

    [Fact]
    public async Task A_model_whose_price_is_not_known_costs_null_and_not_nothing()
    {
        await using var chat = await fixture.StartAnotherAsync(("Providers:DefaultModel", "a-model-of-ones-own"), ("Providers:DefaultProvider", "openai"));
        using var alice = chat.As(AuthHost.DevelopmentKey);
        fixture.Provider.Reply("priceless");
        var conversation = await alice.SayAsync("Hello");
        Assert.True(await fixture.QueryAsync<bool>($"SELECT cost_usd IS NULL AND completion_tokens = 1 FROM llm_calls WHERE conversation_id = '{conversation}'"));
    }

    [Fact]
    public async Task A_call_that_failed_is_recorded_as_free_with_its_fault()
    {
        fixture.Provider.TooManyRequests(TimeSpan.FromSeconds(1));
        using var response = await fixture.Alice.PostAsync(new { message = "refused for the record" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(
            "failed rate_limited 0 0",
            await fixture.QueryAsync<string>("SELECT concat_ws(' ', status, error_type, l.prompt_tokens, l.completion_tokens) FROM llm_calls l JOIN chat_messages m USING (conversation_id) WHERE m.content = 'refused for the record'"));
        await fixture.UntilAsync("SELECT count(*) = 0 FROM chat_runs");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_stages_of_a_call_add_up_to_what_its_client_waited_within_5_percent(bool stream)
    {
        fixture.Provider.Stream(TimeSpan.FromMilliseconds(250), "a ", "b ", "c ", "d ", "e ", "f ", "g ", "h ", "i ");
        await fixture.Alice.GetAsync("/api/v1/conversations");
        var started = Stopwatch.GetTimestamp();
        var conversation = stream ? null : await fixture.Alice.SayAsync("timed");
        if (stream)
        {
            using var response = await fixture.Alice.OpenStreamAsync("timed");
            conversation = (await ServerSentEvents.ReadAsync(response))[0].Json.GetProperty("conversation_id").GetString();
        }

        var whole = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        await fixture.UntilAsync($"SELECT count(*) = 1 FROM llm_calls WHERE conversation_id = '{conversation}' AND authentication_us > 0");
        var stages = $"SELECT authentication_us + request_validation_us + provider_selection_us + streaming_setup_us + llm_api_call_us + response_processing_us FROM llm_calls WHERE conversation_id = '{conversation}'";
        Assert.InRange(await fixture.QueryAsync<long>(stages), (long)(whole * 0.95), (long)(whole * 1.05));
        Assert.InRange(await fixture.QueryAsync<long>($"SELECT llm_api_call_us FROM llm_calls WHERE conversation_id = '{conversation}'"), 1_900_000, (long)whole);
    }
}
