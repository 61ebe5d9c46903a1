using System.Diagnostics;
using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

[Collection(SharedServers.Name)]
public sealed class OutageTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task Without_postgresql_every_route_answers_503_in_time_and_recovers()
    {
        fixture.Provider.Reply("ok");
        var conversation = await fixture.Alice.SayAsync("before");
        await fixture.Servers.Postgres.StopAsync();
        try
        {
            foreach (var call in new Func<Task<HttpResponseMessage>>[]
            {
                () => fixture.Alice.PostAsync(new { message = "hi" }),
                () => fixture.Alice.PostAsync(new { message = "hi", stream = true, conversation_id = conversation }),
                () => fixture.Alice.PostRawAsync("/api/v1/conversations", "{}"),
                () => fixture.Alice.Client.GetAsync("/api/v1/conversations"),
                () => fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/messages"),
                () => fixture.Alice.Client.DeleteAsync($"/api/v1/conversations/{conversation}"),
            })
            {
                var started = Stopwatch.GetTimestamp();
                using var response = await call();
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                Assert.Equal("""{"detail":"Service database unavailable"}""", await response.Content.ReadAsStringAsync());
                Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 5);
            }
        }
        finally
        {
            await fixture.Servers.Postgres.StartAsync();
        }

        using var recovered = await AskUntilOkAsync(conversation);
        Assert.Equal(("user", "before"), (await fixture.Alice.MessagesAsync(conversation))[0]);
    }

    [Fact]
    public async Task Without_postgresql_no_model_is_asked_again_and_again()
    {
        fixture.Provider.Reply("ok");
        await fixture.Alice.SayAsync("before");
        await fixture.Servers.Postgres.StopAsync();
        try
        {
            var asked = fixture.Provider.Requests.Count;
            for (var i = 0; i < 5; i++)
            {
                using var response = await fixture.Alice.PostAsync(new { message = "hi" });
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            }

            // None where what is known of the persona had to be asked for again.
            Assert.InRange(fixture.Provider.Requests.Count, asked, asked + 1);
        }
        finally
        {
            await fixture.Servers.Postgres.StartAsync();
        }

        using var recovered = await AskUntilOkAsync(conversation: null);
    }

    [Fact]
    public async Task An_answer_whose_question_cannot_be_kept_is_not_made_to_its_end()
    {
        fixture.Provider.Reply("ok").Stream(TimeSpan.FromSeconds(0.5), [.. Enumerable.Repeat("word ", 60)]);
        await fixture.Alice.SayAsync("before");
        await fixture.Servers.Postgres.StopAsync();
        try
        {
            var asked = fixture.Provider.Requests.Count;
            using var response = await fixture.Alice.PostAsync(new { message = "hi" }).WaitAsync(TimeSpan.FromSeconds(15));
            Assert.Equal("""{"detail":"Service database unavailable"}""", await response.Content.ReadAsStringAsync());
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            if (fixture.Provider.Requests.Count > asked)
                await fixture.Provider.Requests[asked].Disconnected.WaitAsync(TimeSpan.FromSeconds(5));
        }
        finally
        {
            await fixture.Servers.Postgres.StartAsync();
        }

        using var recovered = await AskUntilOkAsync(conversation: null);
    }

    [Fact]
    public async Task A_model_that_fails_while_the_question_cannot_be_kept_is_not_all_that_fails()
    {
        fixture.Provider.Reply("ok").Fail(HttpStatusCode.BadRequest);
        await fixture.Alice.SayAsync("before");
        await fixture.Servers.Postgres.StopAsync();
        try
        {
            using var response = await fixture.Alice.PostAsync(new { message = "hi" });
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }
        finally
        {
            await fixture.Servers.Postgres.StartAsync();
        }

        using var recovered = await AskUntilOkAsync(conversation: null);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_kept_is_not_called_done()
    {
        fixture.Provider.Stall(TimeSpan.FromMilliseconds(700), ["half "], ["whole"]);
        using var response = await fixture.Alice.OpenStreamAsync("hi");
        var reading = ServerSentEvents.ReadAsync(response);
        await Task.Delay(200);
        await fixture.Servers.Postgres.StopAsync();
        try
        {
            var events = await reading;
            Assert.Equal("[DONE]", events[^1].Data);
            Assert.Contains("Service database unavailable", events[^2].Data, StringComparison.Ordinal);
            Assert.DoesNotContain(events, item => item.Data.Contains("\"done\"", StringComparison.Ordinal));
        }
        finally
        {
            await fixture.Servers.Postgres.StartAsync();
        }

        using var recovered = await AskUntilOkAsync(conversation: null);
    }

    [Fact]
    public async Task Without_redis_and_nats_chat_works()
    {
        fixture.Provider.Reply("still here");
        await fixture.Servers.Redis.StopAsync();
        await fixture.Servers.Nats.StopAsync();
        try
        {
            var conversation = await fixture.Alice.SayAsync("anyone?");
            await fixture.Alice.SayAsync("really?", conversation);
            using var response = await fixture.Alice.OpenStreamAsync("streaming?", conversation);
            Assert.Equal("[DONE]", (await ServerSentEvents.ReadAsync(response))[^1].Data);
        }
        finally
        {
            await fixture.Servers.Redis.StartAsync();
            await fixture.Servers.Nats.StartAsync();
        }
    }

    /// <summary>The first requests may still meet a connection from before.</summary>
    private async Task<HttpResponseMessage> AskUntilOkAsync(string? conversation)
    {
        var started = Stopwatch.GetTimestamp();
        fixture.Provider.Reply("ok");
        while (true)
        {
            var response = await fixture.Alice.PostAsync(new { message = "after", conversation_id = conversation });
            if (response.IsSuccessStatusCode || Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(5))
                return response.EnsureSuccessStatusCode();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            response.Dispose();
        }
    }
}
