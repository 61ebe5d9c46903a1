using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Access;

/// <summary>The rules on the routes of the gateway.</summary>
[Collection(SharedServers.Name)]
public sealed class GatewayRuleTests(AccessFixture shared) : IClassFixture<AccessFixture>
{
    [Fact]
    public async Task The_gateway_refuses_by_the_routes_own_permission_and_lets_the_others_through()
    {
        await using var gateway = await GatewayHost.StartAsync(shared.Servers, shared.Auth.Url, chatUrl: "http://127.0.0.1:9");
        var (user, admin) = (await shared.CreateUserAsync(), await shared.CreateUserAsync("admin"));
        var reader = await shared.Auth.CreateKeyAsync(null, "kb:read");
        var analyst = await shared.CreateUserAsync("analyst");
        await NativeServers.ExecuteAsync(
            shared.Database, $"DELETE FROM user_roles USING roles WHERE roles.id = role_id AND roles.name = 'user' AND user_id = '{analyst.Row.UserId}'");

        // Its own words, not those of a service behind it.
        Assert.Equal((HttpStatusCode.Forbidden, """{"detail":"Not enough permissions"}"""), await AskAsync("/api/v1/admin/users", user.Secret));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/api/v1/admin/users", admin.Secret)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("/api/v1/conversations", reader.Secret)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("/api/v1/conversations", analyst.Secret)).Status);
        // There is no Chat here: so far it got.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync("/api/v1/conversations", user.Secret)).Status);

        async Task<(HttpStatusCode Status, string Body)> AskAsync(string path, string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-API-Key", key } } };
            using var response = await gateway.Client.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }
}
