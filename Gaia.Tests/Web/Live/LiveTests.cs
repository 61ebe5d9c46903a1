using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;
using Gaia.Web.Gateway;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Web.Live;

/// <summary>Two tabs of one user, at different replicas, stay in step.</summary>
[Collection(SharedServers.Name)]
public sealed class LiveTests(LiveSite site) : IClassFixture<LiveSite>
{
    private const string Secret = "what-nobody-else-may-read";

    public static TheoryData<string> Paths => ["/ws/{0}", "/ws/chat/{0}"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_message_sent_through_one_replica_arrives_at_a_page_of_the_other(string path)
    {
        using var person = await site.SignInAsync();
        var conversation = await person.BeginAsync();
        using var tab = await OpenAsync(site.Two, path, conversation, person);
        await tab.UntilListeningAsync();
        site.Provider.Reply($"The answer to {Secret}");

        await person.SendAsync(conversation, $"Tell {Secret}");

        var question = await tab.ReadAsync("event", "message");
        Assert.Equal(conversation, question.GetProperty("conversation_id").GetGuid());
        using var other = person.Browser.At(site.Two.Url);
        Assert.Contains($"Tell {Secret}", (await other.GetAsync($"/chat/{conversation}/messages/{question.GetProperty("message_id")}", htmx: true)).Body, StringComparison.Ordinal);
        var begun = await tab.ReadAsync("status", "started");
        var done = await tab.ReadAsync("status", "completed");
        Assert.Equal(begun.GetProperty("message_id").GetGuid(), done.GetProperty("message_id").GetGuid());
        Assert.Contains($"The answer to {Secret}", (await other.GetAsync($"/chat/{conversation}/messages/{done.GetProperty("message_id")}", htmx: true)).Body, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, tab.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_other_tab_hears_which_message_an_edit_replaces_and_when_all_are_removed()
    {
        using var person = await site.SignInAsync();
        var conversation = await person.BeginAsync();
        using var tab = await OpenAsync(site.Two, "/ws/{0}", conversation, person);
        await tab.UntilListeningAsync();
        site.Provider.Reply("First").Reply("Second");
        await person.SendAsync(conversation, "Once");
        var first = (await tab.ReadAsync("event", "message")).GetProperty("message_id").GetGuid();
        await tab.ReadAsync("status", "completed");

        var edit = await person.Browser.PostHtmxAsync($"/chat/{conversation}/messages/{first}/edit", ("message", "Twice"));
        Assert.Equal(HttpStatusCode.OK, edit.Status);

        var edited = await tab.ReadAsync("event", "edited");
        Assert.Equal(first, edited.GetProperty("replaces_id").GetGuid());
        Assert.NotEqual(first, edited.GetProperty("message_id").GetGuid());
        await tab.ReadAsync("status", "completed");
        await person.CallAsync(HttpMethod.Delete, $"/api/v1/conversations/{conversation}/messages");
        await tab.ReadAsync("event", "cleared");
    }

    [Fact]
    public async Task The_list_of_the_other_tab_follows_what_becomes_of_conversations()
    {
        using var person = await site.SignInAsync();
        using var stranger = await site.SignInAsync();
        var conversation = await person.BeginAsync();
        using var ready = await OpenAsync(site.Two, "/ws/{0}", conversation, person);
        await ready.UntilListeningAsync();
        using var list = await LiveClient.OpenAsync(site.Two, "/ws/notifications", person.Browser);
        using var foreign = await LiveClient.OpenAsync(site.Two, "/ws/notifications", stranger.Browser);

        var created = await person.BeginAsync();
        await person.CallAsync(HttpMethod.Patch, $"/api/v1/conversations/{created}", new { title = Secret });
        await person.CallAsync(HttpMethod.Delete, $"/api/v1/conversations/{created}");
        await person.CallAsync(HttpMethod.Post, $"/api/v1/conversations/{created}/restore");
        var own = await stranger.BeginAsync();

        foreach (var what in new[] { "created", "changed", "deleted", "restored" })
        {
            var told = await list.ReadAsync("event", what, "notification");
            Assert.Equal(created, told.GetProperty("conversation_id").GetGuid());
        }

        Assert.DoesNotContain(Secret, list.Received, StringComparison.Ordinal);
        Assert.Equal(own, (await foreign.ReadAsync("event", "created", "notification")).GetProperty("conversation_id").GetGuid());
        Assert.DoesNotContain(created.ToString(), foreign.Received, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_ping_is_answered_and_typing_is_told_to_the_other_tab(string path)
    {
        using var person = await site.SignInAsync();
        var conversation = await person.BeginAsync();
        using var one = await OpenAsync(site.One, path, conversation, person);
        using var two = await OpenAsync(site.Two, path, conversation, person);
        await two.UntilListeningAsync();

        await one.SendAsync("""{"type":"ping"}""");
        await one.SendAsync("""{"type":"something of a later version"}""");
        await one.SendAsync("""{"type":"typing","user":"Ada","typing":true}""");
        await one.SendAsync("""{"type":"typing","typing":false}""");

        while ((await one.ReadAsync())!.Value.GetProperty("type").GetString() != "pong")
        {
        }

        Assert.True((await two.ReadAsync("user", "Ada")).GetProperty("typing").GetBoolean());
        JsonElement own;
        do
        {
            own = (await two.ReadAsync())!.Value.GetProperty("data");
        }
        while (own.GetProperty("typing").GetBoolean());
        Assert.NotEmpty(own.GetProperty("user").GetString()!);
    }

    [Fact]
    public async Task While_NATS_is_away_the_chat_works_and_afterwards_the_pages_are_sent_to_look_for_what_they_missed()
    {
        using var person = await site.SignInAsync();
        var conversation = await person.BeginAsync();
        using var tab = await OpenAsync(site.Two, "/ws/{0}", conversation, person);
        using var elsewhere = await LiveClient.OpenAsync(site.One, "/ws/notifications", person.Browser);
        await tab.UntilListeningAsync();
        await person.SendAsync(conversation, "Before");
        var seen = (await tab.ReadAsync("event", "message")).GetProperty("message_id").GetGuid();
        await tab.ReadAsync("status", "completed");

        await site.Servers.Nats.StopAsync();
        try
        {
            await person.SendAsync(conversation, "Meanwhile");
            await tab.SendAsync("""{"type":"ping"}""");
            while ((await tab.ReadAsync())!.Value.GetProperty("type").GetString() != "pong")
            {
            }
        }
        finally
        {
            await site.Servers.Nats.StartAsync();
        }

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await tab.UntilClosedAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await elsewhere.UntilClosedAsync());
        using var other = person.Browser.At(site.Two.Url);
        Assert.Contains("Meanwhile", (await other.GetAsync($"/chat/{conversation}/messages?after={seen}", htmx: true)).Body, StringComparison.Ordinal);
        using var back = await OpenAsync(site.Two, "/ws/{0}", conversation, person);
        await back.UntilListeningAsync();
        // Chat finds the way back in its own time.
        var changed = back.ReadAsync("event", "changed");
        while (!changed.IsCompleted)
        {
            await person.CallAsync(HttpMethod.Patch, $"/api/v1/conversations/{conversation}", new { title = "Back" });
            await Task.WhenAny(changed, Task.Delay(500));
        }

        await changed;
    }

    [Fact]
    public async Task A_page_that_is_loaded_at_the_moment_an_answer_ends_shows_the_answer()
    {
        using var person = await site.SignInAsync();
        var conversation = await person.BeginAsync();
        site.Provider.Reply("Just in time");
        await person.SendAsync(conversation, "Will you make it?");
        await Eventually.TrueAsync(async () =>
            (await person.Browser.GetAsync($"/chat/{conversation}/messages", htmx: true)).Body.Contains("Just in time", StringComparison.Ordinal)
            && (await person.Browser.GetAsync($"/chat/{conversation}/running", htmx: true)).Status == HttpStatusCode.NoContent);

        // Its messages are read while the answer is not among them yet, and whether one is being made is asked when none is any more.
        var late = new LateAnswer();
        await using var web = await site.StartWebAsync(services => services.AddHttpClient(GatewayTransport.Client).AddHttpMessageHandler(() => late));
        using var tab = person.Browser.At(web.Url);
        var page = await tab.GetAsync($"/chat/{conversation}");

        Assert.True(late.WasAsked);
        Assert.Contains("Just in time", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("data-unanswered", page.Body, StringComparison.Ordinal);
    }

    private static Task<LiveClient> OpenAsync(ServiceHost web, string path, Guid conversation, LivePerson person) =>
        LiveClient.OpenAsync(web, path.Replace("{0}", conversation.ToString(), StringComparison.Ordinal), person.Browser);

    /// <summary>Leaves the last message out of the first page that is read.</summary>
    private sealed class LateAnswer : DelegatingHandler
    {
        private int _reads;

        public bool WasAsked => _reads > 0;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (!request.RequestUri!.AbsolutePath.EndsWith("/messages", StringComparison.Ordinal) || Interlocked.Increment(ref _reads) > 1)
                return response;
            var page = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
            var messages = page["messages"]!.AsArray();
            messages.RemoveAt(messages.Count - 1);
            response.Content = new StringContent(page.ToJsonString(), Encoding.UTF8, "application/json");
            return response;
        }
    }
}
