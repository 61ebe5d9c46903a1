using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Identity.Permissions;

/// <summary>What follows from a user's grants.</summary>
public sealed class PermissionSetTests
{
    private static readonly Guid Me = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");
    private readonly ShiftedClock _clock = new();

    [Fact]
    public void Nothing_is_allowed_that_nobody_granted()
    {
        var set = Set();

        Assert.False(set.Allows("chat", "create"));
        Assert.False(set.Allows("kb", "read", $"/kb/users/{Me}/notes"));
    }

    [Fact]
    public void A_ban_wins_over_whatever_allows()
    {
        var set = Set(new("kb", "read", "/kb/*"), new("kb", "read", "/kb/shared/secret/*", Allowed: false), new("kb", "read", "/kb/shared/secret/a"));

        Assert.True(set.Allows("kb", "read", "/kb/shared/open"));
        Assert.False(set.Allows("kb", "read", "/kb/shared/secret/a"));
    }

    [Fact]
    public void A_super_admin_may_do_everything_until_the_role_ends()
    {
        var set = SetWith([new HeldRole(PermissionSet.SuperAdmin, ExpiresAt: _clock.GetUtcNow().AddHours(1))], new PermissionGrant("kb", "read", Allowed: false));

        Assert.True(set.Allows("kb", "read", "/kb/a"));
        Assert.True(set.Allows("something", "new"));
        Assert.False(set.Allows("kb", "read", "/kb/../etc"));
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.False(set.Allows("something", "new"));
    }

    [Fact]
    public void A_grant_that_has_ended_counts_no_longer_in_a_set_that_is_kept()
    {
        var set = Set(new PermissionGrant("chat", "create", ExpiresAt: _clock.GetUtcNow().AddMinutes(1)));

        Assert.True(set.Allows("chat", "create"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(set.Allows("chat", "create"));
    }

    [Fact]
    public void A_grant_in_a_context_counts_there_alone()
    {
        var team = new PermissionContext("team", "7");
        var set = SetWith([new HeldRole(PermissionSet.SuperAdmin, team)], new PermissionGrant("kb", "write", "/kb/*", Context: team));

        Assert.True(set.Allows("kb", "write", "/kb/teams/7/a", new PermissionContext("team", "7")));
        Assert.False(set.Allows("kb", "write", "/kb/teams/7/a", new PermissionContext("team", "8")));
        Assert.False(set.Allows("kb", "write", "/kb/teams/7/a"));
        Assert.False(set.IsSuperAdmin);
    }

    [Fact]
    public void Who_may_write_in_an_own_part_of_the_knowledge_base_owns_it()
    {
        var set = Set(new PermissionGrant("kb", "write", $"/kb/users/{Me}/*"));

        Assert.True(set.Allows("kb", "share", $"/kb/users/{Me}/a"));
        Assert.False(set.Allows("kb", "share", $"/kb/users/{Me}0/a"));
        Assert.False(set.Allows("kb", "share", "/kb/shared/a"));
    }

    [Theory]
    [InlineData("kb", "read", "/kb/shared/*", true)]
    [InlineData("kb", "read", "/kb/shared/a", true)]
    [InlineData("kb", "read", "/kb/*", false)]
    [InlineData("kb", "read", null, false)]
    [InlineData("kb", "write", "/kb/shared/*", false)]
    [InlineData("kb", "write", "/kb/users/{user_id}/*", true)]
    [InlineData("chat", "create", "*", false)]
    [InlineData("asset", "read", "*", false)]
    [InlineData("admin", "users", "*", true)]
    [InlineData("admin", "system", "*", false)]
    public void Nobody_holds_more_than_was_granted(string type, string action, string? path, bool held)
    {
        var set = Set(
            new("kb", "read", "/kb/shared/*"),
            new("kb", "write", $"/kb/users/{Me}/*"),
            new("chat", "create", "*", Context: new PermissionContext("team", "7")),
            new("asset", "read", "*"), new("asset", "read", "/asset/1", Allowed: false),
            new("admin", "users", "*"));

        Assert.Equal(held, set.Holds(new PermissionGrant(type, action, path)));
    }

    [Fact]
    public void What_is_held_for_a_while_cannot_be_passed_on_for_longer()
    {
        var end = _clock.GetUtcNow().AddDays(1);
        foreach (var set in new[] { Set(new PermissionGrant("chat", "create", ExpiresAt: end)), SetWith([new HeldRole(PermissionSet.SuperAdmin, ExpiresAt: end)]) })
        {
            Assert.False(set.Holds(new PermissionGrant("chat", "create")));
            Assert.False(set.Holds(new PermissionGrant("chat", "create", ExpiresAt: end.AddDays(1))));
            Assert.True(set.Holds(new PermissionGrant("chat", "create", ExpiresAt: end.AddMinutes(-1))));
        }
    }

    [Fact]
    public void A_check_allocates_nothing()
    {
        var set = Set(Enumerable.Range(0, 200).Select(i => new PermissionGrant("kb", "read", $"/kb/teams/{i}/*")).Append(new PermissionGrant("chat", "create")).ToArray());
        Check(set);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            Check(set);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);

        static void Check(PermissionSet set)
        {
            Assert.True(set.Allows("kb", "read", "/kb/teams/199/a/b"));
            Assert.False(set.Allows("kb", "read", "/kb/teams/200/a/b"));
            Assert.True(set.Allows("chat", "create"));
        }
    }

    [Theory]
    [InlineData("", "chat", "create", null, true)]
    [InlineData("chat:create", "chat", "create", null, true)]
    [InlineData("chat:create", "chat", "read", null, false)]
    [InlineData("chat:*", "chat", "read", null, true)]
    [InlineData("kb:read kb:write", "kb", "write", "/kb/a", true)]
    [InlineData("kb:read", "kbx", "read", null, false)]
    [InlineData("asset:generate", "asset", "create", null, true)]
    [InlineData("admin:all", "chat", "create", null, true)]
    [InlineData("admin", "admin", "system", null, true)]
    [InlineData("admin:users", "admin", "roles", null, false)]
    [InlineData("chat:create", "api", "access", "/api/v1/chat", true)]
    [InlineData("kb:read", "api", "access", "/api/v1/chat", false)]
    [InlineData("kb:read", "api", "access", "/api/v1/auth", false)]
    [InlineData("api:access", "api", "access", "/api/v1/auth", true)]
    public void A_scope_limits_its_credential(string scopes, string type, string action, string? path, bool covered) =>
        Assert.Equal(covered, CredentialScopes.Cover(scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), type, action, path));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("admin:all", "", true)]
    [InlineData("chat:*", "", false)]
    [InlineData("chat:* keys:manage", "chat:read chat:*", true)]
    [InlineData("chat:create", "chat:*", false)]
    [InlineData("chat:create", "chat:read", false)]
    [InlineData("admin:*", "admin:all", false)]
    [InlineData("admin:*", "admin:users", true)]
    [InlineData("asset:generate", "asset:create", true)]
    public void A_scope_gives_out_no_more_than_it_covers(string scopes, string wanted, bool covered) =>
        Assert.Equal(covered, CredentialScopes.CoverAll(
            scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    private PermissionSet Set(params PermissionGrant[] grants) => SetWith([], grants);

    private PermissionSet SetWith(IReadOnlyList<HeldRole> roles, params PermissionGrant[] grants) => new(new UserPermissions(Me, roles, [], [], grants), _clock);
}
