using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gaia.ServiceDefaults.Events;
using Gaia.Tests.Infrastructure;
using Gaia.Web.Gateway;
using Gaia.Web.Live;
using Gaia.Web.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Web.Live;

/// <summary>Whom a WebSocket is opened for, and what ends it.</summary>
[Collection(SharedServers.Name)]
public sealed class LiveLimitTests(LiveSite site) : IClassFixture<LiveSite>
{
    [Fact]
    public async Task Another_users_conversation_is_not_there()
    {
        using var owner = await site.SignInAsync();
        using var stranger = await site.SignInAsync();
        var conversation = await owner.BeginAsync();

        Assert.Equal(HttpStatusCode.NotFound, await LiveClient.RefusedAsync(site.Two, $"/ws/{conversation}", stranger.Browser));
        Assert.Equal(HttpStatusCode.NotFound, await LiveClient.RefusedAsync(site.Two, $"/ws/chat/{conversation}", stranger.Browser));
        Assert.Equal(HttpStatusCode.NotFound, await LiveClient.RefusedAsync(site.Two, $"/ws/{Guid.NewGuid()}", owner.Browser));
        using var own = await LiveClient.OpenAsync(site.Two, $"/ws/{conversation}", owner.Browser);
    }

    [Fact]
    public async Task A_page_of_another_site_and_somebody_who_is_not_signed_in_are_refused()
    {
        using var person = await site.SignInAsync();
        var conversation = await person.BeginAsync();

        foreach (var path in new[] { $"/ws/{conversation}", $"/ws/chat/{conversation}", "/ws/notifications" })
        {
            foreach (var origin in new[] { "https://evil.example", "http://127.0.0.1:1", "null" })
                Assert.Equal(HttpStatusCode.Forbidden, await LiveClient.RefusedAsync(site.One, path, person.Browser, origin));
            Assert.Equal(HttpStatusCode.Unauthorized, await LiveClient.RefusedAsync(site.One, path, browser: null));
            using var own = await LiveClient.OpenAsync(site.One, path, person.Browser);
            using var program = await LiveClient.OpenAsync(site.One, path, person.Browser, origin: null);
        }

        Assert.Equal(HttpStatusCode.UpgradeRequired, (await person.Browser.GetAsync($"/ws/{conversation}")).Status);
    }

    [Fact]
    public async Task The_end_of_a_session_closes_its_sockets_at_every_replica()
    {
        using var person = await site.SignInAsync();
        using var other = await site.SignInAsync();
        var conversation = await person.BeginAsync();
        using var chat = await LiveClient.OpenAsync(site.Two, $"/ws/{conversation}", person.Browser);
        await chat.UntilListeningAsync();
        using var list = await LiveClient.OpenAsync(site.One, "/ws/notifications", person.Browser);
        using var stays = await LiveClient.OpenAsync(site.Two, "/ws/notifications", other.Browser);

        Assert.Equal("/login", (await person.Browser.PostAsync("/logout")).Location);

        Assert.Equal(LiveSocket.SessionOver, await chat.UntilClosedAsync());
        Assert.Equal(LiveSocket.SessionOver, await list.UntilClosedAsync());
        await stays.SendAsync("""{"type":"ping"}""");
        Assert.Equal("pong", (await stays.ReadAsync())!.Value.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_session_that_ended_unheard_of_loses_its_sockets_when_it_is_looked_for()
    {
        using var person = await site.SignInAsync();
        using var socket = await LiveClient.OpenAsync(site.Two, "/ws/notifications", person.Browser);
        await NativeServers.ExecuteAsync(site.Database, "DELETE FROM web_sessions");

        await site.Two.Services.GetRequiredService<LiveSessions>().CheckAsync(CancellationToken.None);

        Assert.Equal(LiveSocket.SessionOver, await socket.UntilClosedAsync());
    }

    [Fact]
    public async Task A_session_that_ended_at_the_gateway_alone_loses_its_sockets_when_the_gateway_is_asked()
    {
        using var person = await site.SignInAsync();
        using var socket = await LiveClient.OpenAsync(site.Two, "/ws/notifications", person.Browser);
        var services = site.Two.Services;
        var store = services.GetRequiredService<SessionStore>();
        var userId = (await person.CallAsync(HttpMethod.Get, "/api/v1/auth/user")).GetProperty("id").GetGuid();
        var id = Assert.Single(await store.ListAsync([userId], CancellationToken.None));
        var tokens = await store.ReadTokensAsync(id, CancellationToken.None);
        // What Auth says of the token is not heard here.
        await NativeServers.ExecuteAsync(site.Database, $"UPDATE web_sessions SET token_hash = NULL WHERE id = '{id}'");
        using var answer = await services.GetRequiredService<GatewayTransport>()
            .SendAsync(HttpMethod.Post, "/api/v1/auth/logout", null, tokens!.AccessToken, GatewayTransport.Client, CancellationToken.None);

        var closed = socket.UntilClosedAsync();
        await Eventually.TrueAsync(async () =>
        {
            await services.GetRequiredService<LiveSessions>().ProveAsync(CancellationToken.None);
            return closed.IsCompleted;
        });

        Assert.Equal(LiveSocket.SessionOver, await closed);
    }

    [Fact]
    public async Task A_flood_and_what_is_no_message_end_a_socket_with_the_reason()
    {
        using var person = await site.SignInAsync();
        using var flood = await LiveClient.OpenAsync(site.One, "/ws/notifications", person.Browser);
        using var large = await LiveClient.OpenAsync(site.One, "/ws/notifications", person.Browser);
        using var odd = await LiveClient.OpenAsync(site.One, "/ws/notifications", person.Browser);
        using var half = await LiveClient.OpenAsync(site.One, "/ws/notifications", person.Browser);

        for (var i = 0; i < LiveLimits.Burst * 4; i++)
            await flood.SendAsync("""{"type":"ping"}""");
        await large.SendAsync($$"""{"type":"{{new string('x', LiveLimits.MessageBytes)}}"}""");
        await odd.SendAsync("no JSON");
        await half.SendAsync("""{"\ud800":1}""");

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await flood.UntilClosedAsync());
        Assert.InRange(flood.Received.Split("pong").Length - 1, LiveLimits.Burst, LiveLimits.Burst * 3);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await large.UntilClosedAsync());
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await odd.UntilClosedAsync());
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await half.UntilClosedAsync());
    }

    [Fact]
    public async Task One_person_opens_so_many_sockets_and_no_more()
    {
        using var person = await site.SignInAsync();
        using var other = await site.SignInAsync();
        var open = new List<LiveClient>();
        for (var i = 0; i < LiveLimits.SocketsPerUser; i++)
            open.Add(await LiveClient.OpenAsync(site.One, "/ws/notifications", person.Browser));

        Assert.Equal(HttpStatusCode.TooManyRequests, await LiveClient.RefusedAsync(site.One, "/ws/notifications", person.Browser));
        using var another = await LiveClient.OpenAsync(site.One, "/ws/notifications", other.Browser);

        foreach (var socket in open)
            socket.Dispose();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using var again = await LiveClient.OpenAsync(site.One, "/ws/notifications", person.Browser);
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task A_page_that_does_not_read_is_cut_off()
    {
        using var person = await site.SignInAsync();
        var user = (await person.CallAsync(HttpMethod.Get, "/api/v1/auth/user")).GetProperty("id").GetGuid();
        using var sleeper = await LiveClient.OpenAsync(site.Two, "/ws/notifications", person.Browser);
        var sockets = site.Two.Services.GetRequiredService<LiveSockets>();
        var events = site.One.Services.GetRequiredService<IEventBus>();
        Assert.NotEmpty(sockets.Sessions());

        await Eventually.TrueAsync(
            async () =>
            {
                for (var i = 0; i < 20; i++)
                    events.Publish(new LargeEvent(user, new string('x', 200_000)));
                await events.FlushAsync(TimeSpan.FromSeconds(5));
                return sockets.Sessions().Count == 0;
            },
            seconds: 25);
    }

    [Fact]
    public async Task A_replica_that_stops_says_so_and_lets_its_pages_go_elsewhere()
    {
        using var person = await site.SignInAsync();
        var web = await site.StartWebAsync();
        using var socket = await LiveClient.OpenAsync(web, "/ws/notifications", person.Browser);

        var closed = socket.UntilClosedAsync();
        await web.DisposeAsync();

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await closed);
        using var elsewhere = await LiveClient.OpenAsync(site.Two, "/ws/notifications", person.Browser);
    }

    private sealed record LargeEvent(Guid UserId, string Text) : IEvent<LargeEvent>
    {
        public string Subject => $"gaia.notifications.{UserId}";

        public static JsonTypeInfo<LargeEvent> Json { get; } = (JsonTypeInfo<LargeEvent>)Options.GetTypeInfo(typeof(LargeEvent));

        private static JsonSerializerOptions Options => new(JsonSerializerDefaults.Web)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
    }
}
