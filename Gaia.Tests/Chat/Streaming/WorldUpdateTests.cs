using System.Text;
using Gaia.Chat.Streaming;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Chat.Streaming;

/// <summary>Bullet 6: events on <c>world.updates.user.{id}</c> reach that user's open streams, whichever replica holds them.</summary>
[Collection(SharedServers.Name)]
public sealed class WorldUpdateTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_comes_is_relayed_on_one_line_as_it_is_and_what_is_no_object_is_not()
    {
        var user = Guid.NewGuid();
        using var world = Updates().Open(user);
        await using var nats = await NatsPublisher.ConnectAsync(fixture.Servers);
        await nats.ReachAsync(user, world);

        await nats.PublishAsync(user, "{ \"type\": \"world_update\",\n \"b\": [1, 2.50, \"ä\"], \"n\": {} }");
        await nats.PublishAsync(user, "\"{\\\"type\\\": \\\"twice\\\"}\"");
        foreach (var nothing in new[] { "[1]", "7", "null", "not json", "", "\"text\"", "{\"broken\":", "{\"half\": \"\\ud800\"}", $"{{\"large\": \"{new string('x', 70_000)}\"}}" })
            await nats.PublishAsync(user, nothing);
        await nats.PublishAsync(user, "{\"last\":true}");

        Assert.Equal(
            ["""{"type":"world_update","b":[1,2.50,"\u00E4"],"n":{}}""", """{"type":"twice"}""", """{"last":true}"""],
            await TakeAsync(world, until: """{"last":true}"""));
    }

    [Fact]
    public async Task Every_open_stream_of_a_user_gets_every_event_in_order_and_nobody_elses()
    {
        var (user, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using var replica = await fixture.StartAnotherAsync();
        using var here = Updates().Open(user);
        using var again = Updates().Open(user);
        using var there = replica.Services.GetRequiredService<WorldUpdates>().Open(user);
        using var others = Updates().Open(other);
        await using var nats = await NatsPublisher.ConnectAsync(fixture.Servers);
        foreach (var world in new[] { here, again, there })
            await nats.ReachAsync(user, world);
        await nats.ReachAsync(other, others);

        for (var i = 0; i < 100; i++)
        {
            await nats.PublishAsync(user, $"{{\"n\":{i}}}");
            await nats.PublishAsync(other, "{\"others\":true}");
        }

        var expected = Enumerable.Range(0, 100).Select(i => $"{{\"n\":{i}}}");
        foreach (var world in new[] { here, again, there })
            Assert.Equal(expected, (await TakeAsync(world, until: "{\"n\":99}")).Where(update => update.StartsWith("{\"n\"", StringComparison.Ordinal)));
        Assert.DoesNotContain(await TakeAsync(others, until: "{\"others\":true}"), update => update.StartsWith("{\"n\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_does_not_read_loses_the_oldest_and_holds_nobody_up()
    {
        var user = Guid.NewGuid();
        using var slow = Updates().Open(user);
        using var quick = Updates().Open(user);
        await using var nats = await NatsPublisher.ConnectAsync(fixture.Servers);
        await nats.ReachAsync(user, quick);
        for (var i = 0; i < 2000; i++)
        {
            await nats.PublishAsync(user, $"{{\"n\":{i}}}");
            if (i % 100 == 99)
                await TakeAsync(quick, until: $"{{\"n\":{i}}}");
        }

        var kept = await TakeAsync(slow, until: "{\"n\":1999}");
        Assert.InRange(kept.Count, 100, 999);
        Assert.Equal(Enumerable.Range(2000 - kept.Count, kept.Count).Select(i => $"{{\"n\":{i}}}"), kept);
    }

    [Fact]
    public async Task A_stream_that_ended_gets_nothing_more_and_one_that_begins_then_does()
    {
        var user = Guid.NewGuid();
        await using var nats = await NatsPublisher.ConnectAsync(fixture.Servers);
        var first = Updates().Open(user);
        await nats.ReachAsync(user, first);
        first.Dispose();
        first.Dispose();
        using var second = Updates().Open(user);
        await nats.PublishAsync(user, "{\"late\":true}");

        Assert.Equal("{\"late\":true}", (await TakeAsync(second, until: "{\"late\":true}"))[^1]);
        await first.Updates.Completion.WaitAsync(Soon);
    }

    [Fact]
    public async Task Events_come_again_once_NATS_is_back()
    {
        var user = Guid.NewGuid();
        using var before = Updates().Open(user);
        await fixture.Servers.Nats.StopAsync();
        WorldSubscription during;
        try
        {
            // Neither fails nor waits.
            during = Updates().Open(Guid.NewGuid());
        }
        finally
        {
            await fixture.Servers.Nats.StartAsync();
        }

        using (during)
        {
            await using var nats = await NatsPublisher.ConnectAsync(fixture.Servers);
            await nats.ReachAsync(user, before);
        }
    }

    private WorldUpdates Updates() => fixture.Chat.Services.GetRequiredService<WorldUpdates>();

    private static async Task<List<string>> TakeAsync(WorldSubscription world, string until)
    {
        using var limit = new CancellationTokenSource(Soon);
        var taken = new List<string>();
        while (taken.Count == 0 || taken[^1] != until)
            taken.Add(Encoding.UTF8.GetString((await world.Updates.ReadAsync(limit.Token)).Span));
        return taken;
    }
}
