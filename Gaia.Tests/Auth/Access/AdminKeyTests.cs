using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Access;

/// <summary>The API keys of all users, in the administration.</summary>
[Collection(SharedServers.Name)]
public sealed class AdminKeyTests(AccessFixture shared) : IClassFixture<AccessFixture>
{
    [Fact]
    public async Task Keys_of_all_users_are_listed_without_the_keys_and_found_by_owner_name_and_beginning()
    {
        var (admin, user) = (shared.As((await shared.CreateUserAsync("admin")).Secret), await shared.CreateUserAsync());

        var byOwner = Assert.Single((await admin.DoAsync(HttpMethod.Get, $"keys?user_id={user.Row.UserId}"))!["items"]!.AsArray())!;
        Assert.Equal((user.Row.Id.ToString(), "test", true), ((string?)byOwner["id"], (string?)byOwner["name"], (bool)byOwner["is_active"]!));
        Assert.DoesNotContain(user.Secret, byOwner.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(user.Row.KeyHash, byOwner.ToJsonString(), StringComparison.Ordinal);
        foreach (var search in new[] { (string)byOwner["user_email"]!, (string)byOwner["prefix"]! })
            Assert.Contains(user.Row.Id.ToString(), AdminUsers.Ids(await admin.DoAsync(HttpMethod.Get, $"keys?search={search}&active=true")));
        Assert.Empty(AdminUsers.Ids(await admin.DoAsync(HttpMethod.Get, $"keys?user_id={user.Row.UserId}&limited=true")));
        foreach (var query in new[] { "sort=secret", "limit=0", "search=%00" })
            await admin.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Get, $"keys?{query}");
    }

    [Fact]
    public async Task An_admin_revokes_the_key_of_a_user_and_only_a_super_admin_that_of_a_super_admin()
    {
        var (admin, user, super) = (await shared.CreateUserAsync("admin"), await shared.CreateUserAsync(), await shared.CreateUserAsync("super_admin"));
        var caller = shared.As(admin.Secret);
        Assert.Equal(HttpStatusCode.OK, (await shared.Probe.AskAsync("/chats", ("X-API-Key", user.Secret))).Status);

        await caller.DoAsync(HttpMethod.Delete, $"keys/{user.Row.Id}");
        await Eventually.TrueAsync(async () => (await shared.Probe.AskAsync("/chats", ("X-API-Key", user.Secret))).Status == HttpStatusCode.Unauthorized, seconds: 2);
        await caller.AssertRefusedAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"keys/{user.Row.Id}");
        var entry = Assert.Single((await caller.DoAsync(HttpMethod.Get, $"audit?user_id={user.Row.UserId}&event_type=key_revoked"))!["items"]!.AsArray())!;
        Assert.Equal((admin.Row.UserId.ToString(), user.Row.Id.ToString()), ((string?)entry["actor_id"], (string?)entry["target_id"]));
        Assert.EndsWith("@example.test", (string)entry["actor_email"]!, StringComparison.Ordinal);

        await caller.AssertRefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Delete, $"keys/{super.Row.Id}", saying: "Not enough permissions");
        await caller.AssertRefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Put, $"keys/{super.Row.Id}/rate-limit", new { rate_limit = "1/60/1" });
        await shared.Root().DoAsync(HttpMethod.Delete, $"keys/{super.Row.Id}");
    }

    [Theory]
    [InlineData("50")]
    [InlineData("0/60/1")]
    [InlineData("1000001/60/1")]
    [InlineData("1/2678401/1")]
    [InlineData("1/60/1/1")]
    public async Task A_limit_that_is_none_is_refused(string limit)
    {
        var user = await shared.CreateUserAsync();

        await shared.Root().AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Put, $"keys/{user.Row.Id}/rate-limit", new { rate_limit = limit }, "permits/seconds/burst");
    }
}
