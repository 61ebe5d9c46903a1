using System.Net;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Personas;

/// <summary>Personas are cached, invalidated by event, and right without Redis and NATS.</summary>
[Collection(SharedServers.Name)]
public sealed class PersonaCacheTests(PersonaFixture fixture) : IClassFixture<PersonaFixture>
{
    private const string Status = "/api/v0.2/chat/stream/cache/status";
    private const string Invalidate = "/api/v0.2/chat/stream/cache/invalidate";

    [Fact]
    public async Task What_is_set_or_changed_holds_on_another_replica_within_a_second()
    {
        using var alice = await fixture.NewUserAsync();
        await using var second = await fixture.StartAnotherAsync();
        using var there = second.As(alice.Key);
        var id = await alice.CreateAsync("One", "First.");
        Assert.Contains("Beep boop", await fixture.SystemMessageAsync(there), StringComparison.Ordinal);

        await alice.ChooseAsync(id);
        await Eventually.TrueAsync(async () => await fixture.SystemMessageAsync(there) == PersonaFixture.With("First."), seconds: 1);
        await alice.OkAsync("PUT", $"{PersonaUser.V02}/{id}", new { system_prompt = "Second." });
        await Eventually.TrueAsync(async () => await fixture.SystemMessageAsync(there) == PersonaFixture.With("Second."), seconds: 1);
        Assert.Equal("Second.", (await there.GetAsync($"{PersonaUser.V02}/{id}")).GetProperty("persona").GetProperty("system_prompt").GetString());
        await alice.OkAsync("DELETE", $"{PersonaUser.V02}/{id}");
        await Eventually.TrueAsync(async () => (await fixture.SystemMessageAsync(there)).Contains("Beep boop", StringComparison.Ordinal), seconds: 1);
    }

    [Fact]
    public async Task A_turn_with_a_known_persona_asks_the_database_nothing_about_it()
    {
        using var alice = await fixture.NewUserAsync();
        await alice.ChooseAsync(await alice.CreateAsync("One", "First."));
        await fixture.SystemMessageAsync(alice.Caller);

        var before = await fixture.Servers.CountStatementsAsync("persona_preferences");
        for (var i = 0; i < 5; i++)
            Assert.Equal(PersonaFixture.With("First."), await fixture.SystemMessageAsync(alice.Caller));
        Assert.Equal(before, await fixture.Servers.CountStatementsAsync("persona_preferences"));
    }

    [Fact]
    public async Task Without_redis_personas_work_and_changes_hold()
    {
        using var alice = await fixture.NewUserAsync();
        var id = await alice.CreateAsync("One", "First.");
        await alice.ChooseAsync(id);
        Assert.Equal(PersonaFixture.With("First."), await fixture.SystemMessageAsync(alice.Caller));
        await fixture.Servers.Redis.StopAsync();
        try
        {
            await alice.OkAsync("PUT", $"{PersonaUser.V02}/{id}", new { system_prompt = "Second." });
            Assert.Equal(PersonaFixture.With("Second."), await fixture.SystemMessageAsync(alice.Caller));
            Assert.Equal(["One", "Mu"], await alice.NamesAsync());
            await alice.ChooseAsync("Mu");
            Assert.Contains("Beep boop", await fixture.SystemMessageAsync(alice.Caller), StringComparison.Ordinal);
        }
        finally
        {
            await fixture.Servers.Redis.StartAsync();
        }
    }

    [Fact]
    public async Task Without_nats_another_replica_follows_within_thirty_seconds()
    {
        using var alice = await fixture.NewUserAsync();
        var clock = new ShiftedClock();
        await using var second = await fixture.StartAnotherAsync(clock);
        using var there = second.As(alice.Key);
        var id = await alice.CreateAsync("One", "First.");
        await alice.ChooseAsync(id);
        await Eventually.TrueAsync(async () => await fixture.SystemMessageAsync(there) == PersonaFixture.With("First."));
        await fixture.Servers.Nats.StopAsync();
        try
        {
            await alice.OkAsync("PUT", $"{PersonaUser.V02}/{id}", new { system_prompt = "Second." });
            clock.Advance(TimeSpan.FromSeconds(31));
            Assert.Equal(PersonaFixture.With("Second."), await fixture.SystemMessageAsync(there));
            await alice.ChooseAsync("Mu");
            clock.Advance(TimeSpan.FromSeconds(31));
            Assert.Contains("Beep boop", await fixture.SystemMessageAsync(there), StringComparison.Ordinal);
        }
        finally
        {
            await fixture.Servers.Nats.StartAsync();
        }
    }

    [Fact]
    public async Task What_redis_kept_by_mistake_counts_for_thirty_seconds_at_most()
    {
        using var alice = await fixture.NewUserAsync();
        var clock = new ShiftedClock();
        await using var second = await fixture.StartAnotherAsync(clock);
        using var there = second.As(alice.Key);
        var id = await alice.CreateAsync("One", "First.");
        await alice.ChooseAsync(id);
        await Eventually.TrueAsync(async () => await fixture.SystemMessageAsync(there) == PersonaFixture.With("First."));

        // A write past every cache, as one whose invalidation got lost.
        await NativeServers.ExecuteAsync(fixture.Database, $"UPDATE personas SET system_prompt = 'Second.' WHERE id = '{id}'");
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(PersonaFixture.With("Second."), await fixture.SystemMessageAsync(there));
    }

    [Fact]
    public async Task The_status_of_the_caches_shows_a_users_own_part_and_an_administrator_all()
    {
        using var alice = await fixture.NewUserAsync();
        using var bob = await fixture.NewUserAsync();
        using var admin = fixture.Administrator();
        var id = await alice.CreateAsync("One", "First.");
        await fixture.SystemMessageAsync(alice.Caller);
        await fixture.SystemMessageAsync(alice.Caller, id);
        await fixture.SystemMessageAsync(bob.Caller);

        var own = await alice.OkAsync("GET", Status);
        Assert.Equal(["cache_stats", "timestamp"], own.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ["persona_cache_entries", "tools_cache_entries", "persona_cache_keys", "tools_cache_keys"],
            own.GetProperty("cache_stats").EnumerateObject().Select(member => member.Name));
        Assert.Equal(new[] { $"{alice.Id}:default", $"{alice.Id}:{id}" }.Order(StringComparer.Ordinal), Keys(own));
        Assert.Equal(2, own.GetProperty("cache_stats").GetProperty("persona_cache_entries").GetInt32());
        Assert.Equal(["generic"], own.GetProperty("cache_stats").GetProperty("tools_cache_keys").EnumerateArray().Select(key => key.GetString()));
        Assert.Equal([$"{bob.Id}:default"], Keys(await bob.OkAsync("GET", Status)));
        Assert.Superset(new HashSet<string> { $"{alice.Id}:default", $"{bob.Id}:default" }, Keys(await admin.OkAsync("GET", Status)).ToHashSet());
    }

    [Fact]
    public async Task The_caches_are_emptied_of_a_users_own_part_or_by_an_administrator_of_any()
    {
        using var alice = await fixture.NewUserAsync();
        using var bob = await fixture.NewUserAsync();
        using var admin = fixture.Administrator();
        foreach (var user in new[] { alice, bob })
            await fixture.SystemMessageAsync(user.Caller);

        var (missing, problem) = await alice.SendAsync("POST", Invalidate);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "cache_type"), (missing, problem.GetProperty("detail")[0].GetProperty("loc")[1].GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await alice.SendAsync("POST", $"{Invalidate}?cache_type=persona&user_id={bob.Id}")).Status);

        var nothing = await alice.OkAsync("POST", $"{Invalidate}?cache_type=history");
        Assert.Equal(["status", "cache_type", "invalidated_user", "invalidated_activity", "timestamp"], nothing.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("success", "history"), (nothing.GetProperty("status").GetString(), nothing.GetProperty("cache_type").GetString()));
        Assert.NotEmpty(Keys(await alice.OkAsync("GET", Status)));

        await alice.OkAsync("POST", $"{Invalidate}?cache_type=all&activity=generic");
        Assert.Empty(Keys(await alice.OkAsync("GET", Status)));
        Assert.Equal(0, (await alice.OkAsync("GET", Status)).GetProperty("cache_stats").GetProperty("tools_cache_entries").GetInt32());
        Assert.NotEmpty(Keys(await bob.OkAsync("GET", Status)));
        Assert.Equal(bob.Id.ToString(), (await admin.OkAsync("POST", $"{Invalidate}?cache_type=persona&user_id={bob.Id}")).GetProperty("invalidated_user").GetString());
        Assert.Empty(Keys(await bob.OkAsync("GET", Status)));

        await fixture.SystemMessageAsync(alice.Caller);
        Assert.Equal(JsonValueKind.Null, (await admin.OkAsync("POST", $"{Invalidate}?cache_type=all")).GetProperty("invalidated_user").ValueKind);
        Assert.Empty(Keys(await admin.OkAsync("GET", Status)));
    }

    private static IEnumerable<string> Keys(JsonElement status) =>
        status.GetProperty("cache_stats").GetProperty("persona_cache_keys").EnumerateArray().Select(key => key.GetString()!);
}
