using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Access;

/// <summary>The administration of teams and workspaces over HTTP.</summary>
[Collection(SharedServers.Name)]
public sealed class AdminGroupTests(AccessFixture shared) : IClassFixture<AccessFixture>
{
    [Fact]
    public async Task Teams_have_members_and_a_hierarchy_without_cycles()
    {
        var (root, user) = (shared.Root(), await shared.CreateUserAsync());
        var (top, middle, bottom) = (await TeamAsync(null), await TeamAsync(null), await TeamAsync(null));
        await root.DoAsync(HttpMethod.Patch, $"teams/{middle}", new { parent_team_id = top });
        await root.DoAsync(HttpMethod.Patch, $"teams/{bottom}", new { parent_team_id = middle });
        foreach (var parent in new[] { top, middle, bottom })
            await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Patch, $"teams/{top}", new { parent_team_id = parent }, "part of itself");

        await root.DoPostAsync("permissions/resources", new { resource_type = "kb", resource_id = $"/kb/teams/{top}/*", principal_type = "team", principal_id = top, permissions = new[] { "write" } });
        await root.DoAsync(HttpMethod.Put, $"teams/{bottom}/members/{user.Row.UserId}", new { team_role = "viewer" });
        await shared.UntilMayAsync(user, $"kb/write/kb/teams/{top}/a", true);
        var member = Assert.Single(await shared.ItemsAsync($"teams/{bottom}/members"));
        Assert.Equal("viewer", (string?)member!["team_role"]);
        var details = await root.DoAsync(HttpMethod.Get, $"teams/{bottom}");
        Assert.Equal([middle, top], details!["above"]!.AsArray().Select(team => (string)team!["id"]!));

        await root.DoAsync(HttpMethod.Patch, $"teams/{middle}", new { is_active = false });
        await shared.UntilMayAsync(user, $"kb/write/kb/teams/{top}/a", false);
        await root.DoAsync(HttpMethod.Patch, $"teams/{bottom}", new { parent_team_id = top });
        await shared.UntilMayAsync(user, $"kb/write/kb/teams/{top}/a", true);
        await root.DoAsync(HttpMethod.Delete, $"teams/{bottom}/members/{user.Row.UserId}");
        await shared.UntilMayAsync(user, $"kb/write/kb/teams/{top}/a", false);

        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Delete, $"teams/{top}", saying: "below");
        await root.DoAsync(HttpMethod.Patch, $"teams/{bottom}", new { is_root = true });
        await root.DoAsync(HttpMethod.Delete, $"teams/{bottom}");
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Put, $"teams/{top}/members/{user.Row.UserId}", new { team_role = "king" }, "team_role");
        await root.AssertRefusedAsync(HttpStatusCode.NotFound, HttpMethod.Put, $"teams/{top}/members/{Guid.NewGuid()}", new { });
    }

    [Fact]
    public async Task Workspaces_give_their_members_what_they_have_while_they_are_active()
    {
        var (root, user) = (shared.Root(), await shared.CreateUserAsync());
        var id = (string)(await root.DoPostAsync("workspaces", new { name = AdminUsers.NewName(), workspace_type = "research" }))!["id"]!;
        await root.DoPostAsync("permissions/resources", new { resource_type = "kb", resource_id = $"/kb/workspaces/{id}/*", principal_type = "workspace", principal_id = id, permissions = new[] { "read" } });
        await root.DoAsync(HttpMethod.Put, $"workspaces/{id}/members/{user.Row.UserId}");
        await shared.UntilMayAsync(user, $"kb/read/kb/workspaces/{id}/a", true);

        var archived = await root.DoAsync(HttpMethod.Patch, $"workspaces/{id}", new { status = "archived" });
        Assert.NotNull(archived!["archived_at"]);
        await shared.UntilMayAsync(user, $"kb/read/kb/workspaces/{id}/a", false);
        Assert.Contains(id, AdminUsers.Ids(await root.DoAsync(HttpMethod.Get, "workspaces?status=archived")));
        await root.DoAsync(HttpMethod.Patch, $"workspaces/{id}", new { status = "active" });
        await shared.UntilMayAsync(user, $"kb/read/kb/workspaces/{id}/a", true);
        Assert.Single(await shared.ItemsAsync($"workspaces/{id}/members"));
        await root.DoAsync(HttpMethod.Delete, $"workspaces/{id}");
        await shared.UntilMayAsync(user, $"kb/read/kb/workspaces/{id}/a", false);
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, "workspaces", new { name = AdminUsers.NewName(), workspace_type = "party" }, "workspace_type");
    }

    private async Task<string> TeamAsync(string? parent) =>
        (string)(await shared.Root().DoPostAsync("teams", new { name = AdminUsers.NewName(), parent_team_id = parent }))!["team"]!["id"]!;
}
