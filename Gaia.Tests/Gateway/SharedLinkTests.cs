using System.Net;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>What is new about conversations, from outside.</summary>
[Collection(SharedServers.Name)]
public sealed class SharedLinkTests(ReferenceFixture shared) : IClassFixture<ReferenceFixture>
{
    [Fact]
    public async Task A_shared_conversation_is_read_without_signing_in_until_its_link_is_revoked()
    {
        var owner = (await shared.Auth.CreateKeyAsync()).Secret;
        var conversation = (string?)(await SendAsync(HttpMethod.Post, "/api/v1/conversations", owner, new { title = "open to all" }))["id"];
        var share = await SendAsync(HttpMethod.Post, $"/api/v1/conversations/{conversation}/share", owner, new { expires_in_hours = 1 });

        using var opened = await shared.Gateway.Client.GetAsync((string?)share["url"]);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.True(opened.Headers.CacheControl?.NoStore);
        Assert.Equal("open to all", (string?)JsonNode.Parse(await opened.Content.ReadAsStringAsync())!["title"]);

        await SendAsync(HttpMethod.Delete, $"/api/v1/conversations/{conversation}/shares/{share["id"]}", owner);
        using var closed = await shared.Gateway.Client.GetAsync((string?)share["url"]);
        Assert.Equal(HttpStatusCode.NotFound, closed.StatusCode);
    }

    [Fact]
    public async Task A_new_answer_is_streamed_through_the_gateway()
    {
        var owner = (await shared.Auth.CreateKeyAsync()).Secret;
        var conversation = (string?)(await SendAsync(HttpMethod.Post, "/api/v0.3/conversations", owner))["conversation_id"];
        var message = (string?)(await SendAsync(HttpMethod.Post, $"/api/v1/conversations/{conversation}/messages", owner, new { role = "user", content = "Hello" }))["id"];

        using var answer = await shared.Gateway.SendAsync(HttpMethod.Post, $"/api/v1/conversations/{conversation}/messages/{message}/regenerate", new { stream = true }, owner);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("data: [DONE]\n\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, string key, object? body = null)
    {
        using var response = await shared.Gateway.SendAsync(method, path, body, key);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }
}
