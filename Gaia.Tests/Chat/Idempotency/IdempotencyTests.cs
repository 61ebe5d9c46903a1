using System.Net;
using System.Net.Http.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Idempotency;

[Collection(SharedServers.Name)]
public sealed class IdempotencyTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData("/api/v1/chat", false)]
    [InlineData("/api/v1/chat", true)]
    [InlineData("/api/v0.3/chat", true)]
    [InlineData("/api/v0.2/chat", false)]
    [InlineData("/api/v0.2/chat/stream", true)]
    public async Task The_same_request_with_the_same_key_gets_the_same_answer_and_no_model_is_asked_again(string path, bool stream)
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("the only answer");
        var asked = fixture.Provider.Requests.Count;
        using var first = await SendAsync(fixture.Alice, path, key, "once", stream);
        var body = await first.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        await using var other = await fixture.StartAnotherAsync();
        using var elsewhere = other.As(AuthHost.DevelopmentKey);
        foreach (var caller in new[] { fixture.Alice, elsewhere })
        {
            using var again = await SendAsync(caller, path, key, "once", stream);
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.Equal(body, await again.Content.ReadAsStringAsync());
            Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
            Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        }

        Assert.Equal(asked + 1, fixture.Provider.Requests.Count);
    }

    [Fact]
    public async Task An_answer_that_nobody_waits_for_is_begun_once()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("in the background");
        using var first = await BeginAsync();
        var body = await first.Content.ReadAsStringAsync();
        using var again = await BeginAsync();

        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Accepted], [first.StatusCode, again.StatusCode]);
        Assert.Equal(body, await again.Content.ReadAsStringAsync());
        Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());

        Task<HttpResponseMessage> BeginAsync()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = JsonContent.Create(new { message = "begin", detached = true }) };
            request.Headers.Add("Idempotency-Key", key);
            return fixture.Alice.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task A_key_belongs_to_one_request_of_one_user()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("an answer");
        using var first = await SendAsync(fixture.Alice, "/api/v1/chat", key, "mine", stream: false);
        using var changed = await SendAsync(fixture.Alice, "/api/v1/chat", key, "mine, changed", stream: false);
        using var bobs = await SendAsync(fixture.Bob, "/api/v1/chat", key, "mine", stream: false);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK], [first.StatusCode, changed.StatusCode, bobs.StatusCode]);
        Assert.False(bobs.Headers.Contains("Idempotency-Replayed"));
        using var wrong = await SendAsync(fixture.Alice, "/api/v1/chat", new string('k', 256), "mine", stream: false);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
    }

    [Fact]
    public async Task Of_ten_at_once_one_asks_the_model_and_the_others_wait_or_get_its_answer()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Stall(TimeSpan.FromMilliseconds(700), ["only "], ["once"]);
        var asked = fixture.Provider.Requests.Count;
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(fixture.Alice, "/api/v1/chat", key, "at once", stream: false)));

        Assert.Equal(asked + 1, fixture.Provider.Requests.Count);
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer.StatusCode}"));
    }

    [Fact]
    public async Task An_answer_that_failed_can_be_asked_for_again()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Fail(HttpStatusCode.InternalServerError).CutAfter("half ").Reply("whole");
        using var failed = await SendAsync(fixture.Alice, "/api/v1/chat", key, "try", stream: false);
        Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);
        var cutKey = Guid.NewGuid().ToString();
        using var cut = await SendAsync(fixture.Alice, "/api/v1/chat", cutKey, "try", stream: true);
        Assert.Contains("streaming_error", await cut.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        foreach (var (again, stream) in new[] { (key, false), (cutKey, true) })
        {
            using var whole = await SendAsync(fixture.Alice, "/api/v1/chat", again, "try", stream);
            Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
            Assert.Contains("whole", await whole.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.False(whole.Headers.Contains("Idempotency-Replayed"));
        }
    }

    private static Task<HttpResponseMessage> SendAsync(ChatCaller caller, string path, string key, string message, bool stream)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new { message, stream }) };
        request.Headers.Add("Idempotency-Key", key);
        return caller.Client.SendAsync(request);
    }
}
