using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.Auth.ApiKeys;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Access;

/// <summary>Calls the administration as one user.</summary>
internal sealed class AdminCaller(AuthHost auth, string key)
{
    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/admin/{path}") { Headers = { { "X-API-Key", key } } };
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await auth.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public Task<(HttpStatusCode Status, JsonNode? Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    /// <summary>A call that must succeed.</summary>
    public async Task<JsonNode?> DoAsync(HttpMethod method, string path, object? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True((int)status < 300, $"{method} {path}: {(int)status} {answer?.ToJsonString()}");
        return answer;
    }

    public Task<JsonNode?> DoPostAsync(string path, object body) => DoAsync(HttpMethod.Post, path, body);

    public async Task AssertRefusedAsync(HttpStatusCode expected, HttpMethod method, string path, object? body = null, string? saying = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(expected == status, $"{method} {path}: {(int)status} {answer?.ToJsonString()}");
        if (saying is not null)
            Assert.Contains(saying, answer!["detail"]!.ToJsonString(), StringComparison.Ordinal);
    }
}

/// <summary>Users for the tests of the administration, and what they see.</summary>
internal static class AdminUsers
{
    private static int _names;

    /// <summary>A name that nothing has yet.</summary>
    public static string NewName() => $"n{Interlocked.Increment(ref _names)}-{Guid.NewGuid():N}";

    public static List<string> Ids(JsonNode? listing) => [.. listing!["items"]!.AsArray().Select(item => (string)item!["id"]!)];

    public static AdminCaller As(this AccessFixture fixture, string key) => new(fixture.Auth, key);

    /// <summary>The deployment's own key: a super administrator.</summary>
    public static AdminCaller Root(this AccessFixture fixture) => fixture.As(AuthHost.DevelopmentKey);

    public static async Task<JsonArray> ItemsAsync(this AccessFixture fixture, string path) => (await fixture.Root().DoAsync(HttpMethod.Get, path))!["items"]!.AsArray();

    /// <summary>Waits until a user may do this, such as <c>kb/read/kb/shared/a</c>, or may not any more.</summary>
    public static Task UntilMayAsync(this AccessFixture fixture, CreatedApiKey key, string what, bool may) =>
        Eventually.TrueAsync(async () => (await fixture.Probe.AskAsync($"/may/{what}", ("X-API-Key", key.Secret))).Body == (may ? "yes" : "no"), seconds: 2);

    /// <summary>A new user with these roles beside <c>user</c>.</summary>
    public static async Task<CreatedApiKey> CreateUserAsync(this AccessFixture fixture, params string[] roles)
    {
        var key = await fixture.Auth.CreateKeyAsync();
        foreach (var role in roles)
        {
            await NativeServers.ExecuteAsync(
                fixture.Database, $"INSERT INTO user_roles (user_id, role_id) SELECT '{key.Row.UserId}', id FROM roles WHERE name = '{role}'");
        }

        return key;
    }
}
