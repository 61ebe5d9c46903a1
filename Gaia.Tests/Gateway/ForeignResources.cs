using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.Auth.ApiKeys;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>A request about something that exists and is not the second user's.</summary>
/// <param name="Path">With the ids in it.</param>
/// <param name="Body">What goes with it.</param>
internal sealed record ForeignRequest(string Path, object? Body = null);

/// <summary>
/// For every operation that takes an id a request about something new of a first user, or, for what is an administrator's alone,
/// about something that only an administrator may touch. A route that is not named here has the test fail.
/// </summary>
internal sealed class ForeignResources(GatewayHost gateway, AuthHost auth, CreatedApiKey owner)
{
    private const string Admin = "/api/v1/admin";

    private static int _names;

    /// <summary>Whose id is in what an administrator does.</summary>
    private string Owner => owner.Row.UserId.ToString();

    public IReadOnlyDictionary<string, Func<Task<ForeignRequest>>> Requests => field ??= new Dictionary<string, Func<Task<ForeignRequest>>>
    {
        ["GET /api/v1/conversations/{id}"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}"),
        ["GET /api/v1/conversations/{id}/messages"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/messages"),
        ["DELETE /api/v1/conversations/{id}"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}"),
        ["PUT /api/v1/conversations/{id}"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}", new { title = "taken" }),
        ["PATCH /api/v1/conversations/{id}"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}", new { is_pinned = true }),
        ["GET /api/v1/conversations/{id}/stream"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/stream"),
        ["POST /api/v1/conversations/{id}/stop"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/stop"),
        ["POST /api/v1/conversations/{id}/restore"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/restore"),
        ["POST /api/v1/conversations/{id}/branch"] = async () =>
        {
            var (conversation, message) = await MessageAsync();
            return new($"/api/v1/conversations/{conversation}/branch", new { message_id = message });
        },
        ["POST /api/v1/conversations/{id}/messages"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/messages", new { role = "user", content = "taken" }),
        ["DELETE /api/v1/conversations/{id}/messages"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/messages"),
        ["GET /api/v1/conversations/{id}/messages/{messageId}"] = async () =>
        {
            var (conversation, message) = await MessageAsync();
            return new($"/api/v1/conversations/{conversation}/messages/{message}");
        },
        ["POST /api/v1/conversations/{id}/messages/{messageId}/edit"] = async () =>
        {
            var (conversation, message) = await MessageAsync();
            return new($"/api/v1/conversations/{conversation}/messages/{message}/edit", new { content = "taken" });
        },
        ["POST /api/v1/conversations/{id}/messages/{messageId}/regenerate"] = async () =>
        {
            var (conversation, message) = await MessageAsync();
            return new($"/api/v1/conversations/{conversation}/messages/{message}/regenerate");
        },
        ["GET /api/v1/conversations/{id}/export"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/export"),
        ["POST /api/v1/conversations/{id}/share"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/share"),
        ["GET /api/v1/conversations/{id}/shares"] = async () => new($"/api/v1/conversations/{await ConversationAsync()}/shares"),
        ["DELETE /api/v1/conversations/{id}/shares/{shareId}"] = async () =>
        {
            var conversation = await ConversationAsync();
            return new($"/api/v1/conversations/{conversation}/shares/{await MakeAsync($"/api/v1/conversations/{conversation}/share", new { }, owner.Secret)}");
        },
        ["GET /api/v0.3/conversations/{id}"] = async () => new($"/api/v0.3/conversations/{await ConversationAsync()}"),
        ["DELETE /api/v0.3/conversations/{id}"] = async () => new($"/api/v0.3/conversations/{await ConversationAsync()}"),
        ["POST /api/v1/chat"] = async () => new("/api/v1/chat", new { message = "Hello", conversation_id = await ConversationAsync() }),
        ["POST /api/v0.3/chat"] = async () => new("/api/v0.3/chat", new { message = "Hello", conversation_id = await ConversationAsync() }),
        ["POST /api/v0.2/chat"] = () => AsPersonaAsync("/api/v0.2/chat"),
        ["POST /api/v0.2/chat/stream"] = () => AsPersonaAsync("/api/v0.2/chat/stream"),
        ["POST /api/v1/chat/multi-provider"] = () => AsPersonaAsync("/api/v1/chat/multi-provider"),
        ["POST /api/v1/chat/direct"] = () => AsPersonaAsync("/api/v1/chat/direct"),
        ["POST /api/v1/chat/direct-db"] = () => AsPersonaAsync("/api/v1/chat/direct-db"),
        ["POST /api/v1/chat/mcp-agent-hot"] = () => AsPersonaAsync("/api/v1/chat/mcp-agent-hot"),
        ["POST /api/v1/chat/orchestrated"] = () => AsPersonaAsync("/api/v1/chat/orchestrated"),
        ["POST /api/v1/chat/intelligent"] = () => AsPersonaAsync("/api/v1/chat/intelligent"),
        ["POST /api/v1/chat/ultrafast"] = () => AsPersonaAsync("/api/v1/chat/ultrafast"),
        ["POST /api/v1/chat/ultrafast-redis"] = () => AsPersonaAsync("/api/v1/chat/ultrafast-redis"),
        ["POST /api/v1/chat/ultrafast-redis-v2"] = () => AsPersonaAsync("/api/v1/chat/ultrafast-redis-v2"),
        ["POST /api/v1/chat/ultrafast-redis-v3"] = () => AsPersonaAsync("/api/v1/chat/ultrafast-redis-v3"),
        ["POST /api/v1/chat/mcp-agent"] = () => AsPersonaAsync("/api/v1/chat/mcp-agent"),
        ["POST /api/v1/chat/gamemaster"] = () => AsPersonaAsync("/api/v1/chat/gamemaster"),
        ["POST /api/v1/chat/worldbuilding"] = () => AsPersonaAsync("/api/v1/chat/worldbuilding"),
        ["POST /api/v1/chat/storytelling"] = () => AsPersonaAsync("/api/v1/chat/storytelling"),
        ["POST /api/v1/chat/problemsolving"] = () => AsPersonaAsync("/api/v1/chat/problemsolving"),

        ["GET /api/v0.2/personas/{id}"] = async () => new($"/api/v0.2/personas/{await PersonaAsync()}"),
        ["PUT /api/v0.2/personas/{id}"] = async () => new($"/api/v0.2/personas/{await PersonaAsync()}", new { description = "taken" }),
        ["DELETE /api/v0.2/personas/{id}"] = async () => new($"/api/v0.2/personas/{await PersonaAsync()}"),
        ["POST /api/v0.2/personas/set"] = async () => new("/api/v0.2/personas/set", new { persona_id = await PersonaAsync() }),
        ["GET /api/v1/personas/{id}"] = async () => new($"/api/v1/personas/{await PersonaAsync()}"),
        ["PUT /api/v1/personas/{id}"] = async () => new($"/api/v1/personas/{await PersonaAsync()}", new { description = "taken" }),
        ["DELETE /api/v1/personas/{id}"] = async () => new($"/api/v1/personas/{await PersonaAsync()}"),
        ["POST /api/v1/personas/set"] = async () => new("/api/v1/personas/set", new { persona_id = await PersonaAsync() }),
        ["PUT /api/v1/chat/personas"] = async () => new("/api/v1/chat/personas", new { persona_id = await PersonaAsync() }),
        ["POST /api/v0.2/chat/stream/cache/invalidate"] = () =>
            Task.FromResult(new ForeignRequest($"/api/v0.2/chat/stream/cache/invalidate?cache_type=persona&user_id={Owner}")),

        ["GET /api/v1/auth/keys/{id}"] = async () => new($"/api/v1/auth/keys/{await KeyAsync()}"),
        ["PATCH /api/v1/auth/keys/{id}"] = async () => new($"/api/v1/auth/keys/{await KeyAsync()}", new { name = "taken" }),
        ["POST /api/v1/auth/keys/{id}/rotate"] = async () => new($"/api/v1/auth/keys/{await KeyAsync()}/rotate"),
        ["DELETE /api/v1/auth/keys/{id}"] = async () => new($"/api/v1/auth/keys/{await KeyAsync()}"),

        [$"GET {Admin}/users/{{id}}"] = () => Request($"users/{Owner}"),
        [$"POST {Admin}/users/{{id}}/disable"] = async () => new($"{Admin}/users/{await UserAsync()}/disable"),
        [$"POST {Admin}/users/{{id}}/enable"] = async () => new($"{Admin}/users/{await UserAsync()}/enable"),
        [$"POST {Admin}/users/{{id}}/roles"] = async () => new($"{Admin}/users/{await UserAsync()}/roles", new { role = await RoleAsync() }),
        [$"DELETE {Admin}/users/{{id}}/roles/{{role}}"] = async () =>
        {
            var (user, role) = (await UserAsync(), await RoleAsync());
            await MakeAsync($"users/{user}/roles", new { role });
            return new($"{Admin}/users/{user}/roles/{role}");
        },
        [$"POST {Admin}/users/{{id}}/permissions"] = async () => new($"{Admin}/users/{await UserAsync()}/permissions", new { permission_id = await PermissionAsync() }),
        [$"DELETE {Admin}/users/{{id}}/permissions/{{permissionId}}"] = async () =>
        {
            var (user, permission) = (await UserAsync(), await PermissionAsync());
            await MakeAsync($"users/{user}/permissions", new { permission_id = permission });
            return new($"{Admin}/users/{user}/permissions/{permission}");
        },

        [$"GET {Admin}/keys"] = () => Request($"keys?user_id={Owner}"),
        [$"DELETE {Admin}/keys/{{id}}"] = async () => new($"{Admin}/keys/{await KeyAsync()}"),
        [$"PUT {Admin}/keys/{{id}}/rate-limit"] = async () => new($"{Admin}/keys/{await KeyAsync()}/rate-limit", new { rate_limit = "1/60/1" }),

        [$"GET {Admin}/roles/{{role}}"] = async () => new($"{Admin}/roles/{await RoleAsync()}"),
        [$"PATCH {Admin}/roles/{{role}}"] = async () => new($"{Admin}/roles/{await RoleAsync()}", new { display_name = "Taken" }),
        [$"DELETE {Admin}/roles/{{role}}"] = async () => new($"{Admin}/roles/{await RoleAsync()}"),
        [$"POST {Admin}/roles/{{role}}/permissions"] = async () => new($"{Admin}/roles/{await RoleAsync()}/permissions", new { permission_id = await PermissionAsync() }),
        [$"DELETE {Admin}/roles/{{role}}/permissions/{{permissionId}}"] = async () =>
        {
            var (role, permission) = (await RoleAsync(), await PermissionAsync());
            await MakeAsync($"roles/{role}/permissions", new { permission_id = permission });
            return new($"{Admin}/roles/{role}/permissions/{permission}");
        },

        [$"POST {Admin}/permissions/check"] = () => Request("permissions/check", new { user_id = Owner, resource_type = "chat", action = "read" }),
        [$"GET {Admin}/permissions/resources"] = () => Request($"permissions/resources?principal_type=user&principal_id={Owner}"),
        [$"POST {Admin}/permissions/resources"] = () => Request("permissions/resources", Grant()),
        [$"DELETE {Admin}/permissions/resources/{{id}}"] = async () => new($"{Admin}/permissions/resources/{await MakeAsync("permissions/resources", Grant())}"),

        [$"POST {Admin}/teams"] = async () => new($"{Admin}/teams", new { name = Name(), parent_team_id = await TeamAsync() }),
        [$"GET {Admin}/teams/{{id}}"] = async () => new($"{Admin}/teams/{await TeamAsync()}"),
        [$"PATCH {Admin}/teams/{{id}}"] = async () => new($"{Admin}/teams/{await TeamAsync()}", new { display_name = "Taken" }),
        [$"DELETE {Admin}/teams/{{id}}"] = async () => new($"{Admin}/teams/{await TeamAsync()}"),
        [$"GET {Admin}/teams/{{id}}/members"] = async () => new($"{Admin}/teams/{await TeamAsync()}/members"),
        [$"PUT {Admin}/teams/{{id}}/members/{{userId}}"] = async () => new($"{Admin}/teams/{await TeamAsync()}/members/{Owner}", new { team_role = "viewer" }),
        [$"DELETE {Admin}/teams/{{id}}/members/{{userId}}"] = () => MemberAsync("teams"),

        [$"GET {Admin}/workspaces/{{id}}"] = async () => new($"{Admin}/workspaces/{await WorkspaceAsync()}"),
        [$"PATCH {Admin}/workspaces/{{id}}"] = async () => new($"{Admin}/workspaces/{await WorkspaceAsync()}", new { display_name = "Taken" }),
        [$"DELETE {Admin}/workspaces/{{id}}"] = async () => new($"{Admin}/workspaces/{await WorkspaceAsync()}"),
        [$"GET {Admin}/workspaces/{{id}}/members"] = async () => new($"{Admin}/workspaces/{await WorkspaceAsync()}/members"),
        [$"PUT {Admin}/workspaces/{{id}}/members/{{userId}}"] = async () => new($"{Admin}/workspaces/{await WorkspaceAsync()}/members/{Owner}"),
        [$"DELETE {Admin}/workspaces/{{id}}/members/{{userId}}"] = () => MemberAsync("workspaces"),

        [$"GET {Admin}/audit"] = () => Request($"audit?actor_id={Owner}&target_user_id={Owner}"),
    };

    private static Task<ForeignRequest> Request(string path, object? body = null) => Task.FromResult(new ForeignRequest($"{Admin}/{path}", body));

    private static string Name() => $"foreign-{Interlocked.Increment(ref _names)}";

    private object Grant() => new { resource_type = "kb", resource_id = $"/kb/{Name()}", principal_type = "user", principal_id = Owner, permissions = new[] { "read" } };

    private async Task<string> UserAsync() => (await auth.CreateKeyAsync()).Row.UserId.ToString();

    private Task<string> ConversationAsync() => MakeAsync("/api/v1/conversations", new { title = Name() }, owner.Secret);

    private Task<string> PersonaAsync() => MakeAsync("/api/v0.2/personas", new { name = Name(), description = "", system_prompt = "" }, owner.Secret);

    private async Task<ForeignRequest> AsPersonaAsync(string path) => new(path, new { message = "Hello", persona_id = await PersonaAsync() });

    private async Task<(string Conversation, string Message)> MessageAsync()
    {
        var conversation = await ConversationAsync();
        return (conversation, await MakeAsync($"/api/v1/conversations/{conversation}/messages", new { role = "user", content = "Hello" }, owner.Secret));
    }

    private Task<string> KeyAsync() => MakeAsync("/api/v1/auth/keys", new { name = Name() }, owner.Secret);

    private Task<string> RoleAsync() => MakeAsync("roles", new { name = Name() });

    private Task<string> PermissionAsync() => MakeAsync("permissions", new { resource_type = "kb", resource_path = $"/kb/{Name()}", action = "read" });

    private Task<string> TeamAsync() => MakeAsync("teams", new { name = Name() });

    private Task<string> WorkspaceAsync() => MakeAsync("workspaces", new { name = Name() });

    private async Task<ForeignRequest> MemberAsync(string kind)
    {
        var path = $"{Admin}/{kind}/{await MakeAsync(kind, new { name = Name() })}/members/{Owner}";
        using var added = await gateway.SendAsync(HttpMethod.Put, path, new { }, AuthHost.DevelopmentKey);
        Assert.True(added.IsSuccessStatusCode, path);
        return new ForeignRequest(path);
    }

    /// <summary>Makes something, as its owner or as the super administrator, and returns its id.</summary>
    private async Task<string> MakeAsync(string path, object body, string? key = null)
    {
        using var response = await gateway.SendAsync(HttpMethod.Post, key is null ? $"{Admin}/{path}" : path, body, key ?? AuthHost.DevelopmentKey);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? "" : Id(JsonNode.Parse(text)!.AsObject()) ?? "";
    }

    /// <summary>Its own, or that of what it describes.</summary>
    private static string? Id(JsonObject made) => (string?)made["id"] ?? made.Select(member => (string?)(member.Value as JsonObject)?["id"]).FirstOrDefault(id => id is not null);
}

internal static class ForeignRequests
{
    /// <summary>A request with an API key.</summary>
    public static Task<HttpResponseMessage> SendAsync(this GatewayHost gateway, HttpMethod method, string path, object? body, string key) =>
        gateway.Client.SendAsync(method, path, body, key);

    /// <summary>A request with an API key.</summary>
    public static async Task<HttpResponseMessage> SendAsync(this HttpClient client, HttpMethod method, string path, object? body, string key)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "X-API-Key", key } } };
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await client.SendAsync(request);
    }
}
