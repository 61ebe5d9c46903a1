using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>The routes about providers, models and performance are reached from outside.</summary>
[Collection(SharedServers.Name)]
public sealed class ModelRoutesTests(ReferenceFixture shared) : IClassFixture<ReferenceFixture>
{
    [Theory]
    [InlineData("GET", "/api/v0.2/providers")]
    [InlineData("GET", "/api/v0.2/providers/")]
    [InlineData("GET", "/api/v0.2/providers/health")]
    [InlineData("GET", "/api/v0.2/providers/claude/models")]
    [InlineData("POST", "/api/v0.2/providers/health/check")]
    [InlineData("GET", "/api/v0.2/models?provider=openai&capability=vision")]
    [InlineData("GET", "/api/v0.2/models/gpt-4o")]
    [InlineData("GET", "/api/v0.2/performance/summary")]
    [InlineData("DELETE", "/api/v0.2/performance/reset")]
    [InlineData("GET", "/api/v1/providers")]
    [InlineData("GET", "/api/v1/models")]
    [InlineData("GET", "/api/v1/chat/metrics")]
    [InlineData("GET", "/api/v1/chat/orchestrated/metrics")]
    public async Task A_route_answers_a_user_and_nobody_else(string method, string path)
    {
        var (key, status, type) = ((await shared.Auth.CreateKeyAsync()).Secret, default(HttpStatusCode), default(string));
        // A gateway that has just been started may still be looking for Auth.
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await shared.Gateway.SendAsync(new HttpMethod(method), path, body: null, key);
            (status, type) = (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
            return status != HttpStatusCode.ServiceUnavailable;
        });
        Assert.Equal((HttpStatusCode.OK, "application/json"), (status, type));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var refused = await shared.Gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }
}
