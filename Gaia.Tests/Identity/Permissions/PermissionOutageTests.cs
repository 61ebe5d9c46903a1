using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Identity.Permissions;

/// <summary>What a service does while Auth, or the bus, is away.</summary>
[Collection(SharedServers.Name)]
public sealed class PermissionOutageTests(NativeServers servers)
{
    [Fact]
    public async Task While_Auth_is_away_known_permissions_count_and_unknown_ones_are_an_outage_not_a_refusal()
    {
        var clock = new ShiftedClock();
        var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        await using var probe = await ProbeHost.StartAsync(servers, auth.Url, clock: clock);
        var (known, halfKnown) = (await auth.CreateKeyAsync(), await auth.CreateKeyAsync());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(probe, "/chats", known.Secret));
        // Of this one the credential is known, and not yet what its user may do.
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(probe, "/whoami", halfKnown.Secret));
        await auth.DisposeAsync();

        foreach (var age in new[] { 0, 35, 120 })
        {
            clock.Advance(TimeSpan.FromSeconds(age));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(probe, "/chats", known.Secret));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(probe, "/users", known.Secret));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(probe, "/chats", halfKnown.Secret));
        }
    }

    [Fact]
    public async Task Without_the_bus_a_change_is_seen_within_30_seconds()
    {
        var clock = new ShiftedClock();
        var database = await servers.CreateDatabaseAsync();
        await using var auth = await AuthHost.StartAsync(servers, database);
        await using var probe = await ProbeHost.StartAsync(servers, auth.Url, clock: clock);
        var user = await auth.CreateKeyAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(probe, "/chats", user.Secret));

        // Nobody announces this.
        await NativeServers.ExecuteAsync(database, $"DELETE FROM user_roles WHERE user_id = '{user.Row.UserId}'");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(probe, "/chats", user.Secret));

        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(probe, "/chats", user.Secret));
    }

    [Fact]
    public async Task Another_process_finds_the_permissions_in_Redis()
    {
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        await using var first = await ProbeHost.StartAsync(servers, auth.Url);
        await using var second = await ProbeHost.StartAsync(servers, auth.Url);

        // Again, because both connect to Redis beside their start.
        await Eventually.TrueAsync(async () =>
        {
            var user = await auth.CreateKeyAsync();
            await StatusAsync(first, "/chats", user.Secret);
            var before = await CountAsync();
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(second, "/chats", user.Secret));
            return await CountAsync() == before;
        });

        Task<int> CountAsync() => servers.CountStatementsAsync("user_roles held");
    }

    private static async Task<HttpStatusCode> StatusAsync(ProbeHost probe, string path, string key) => (await probe.AskAsync(path, ("X-API-Key", key))).Status;
}
