using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;
using Gaia.Web;

namespace Gaia.Tests.Web.Admin;

/// <summary>The web service in front of a real gateway, Auth and Chat, for the tests of the administration.</summary>
public sealed class AdminFixture(NativeServers servers) : IAsyncLifetime
{
    private ScriptedProvider _provider = null!;
    private ChatHost _chat = null!;

    internal string Database { get; private set; } = null!;

    internal AuthHost Auth { get; private set; } = null!;

    internal GatewayHost Gateway { get; private set; } = null!;

    internal ServiceHost Web { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        Auth = await AuthHost.StartAsync(servers, Database);
        _provider = await ScriptedProvider.StartAsync();
        _chat = await ChatHost.StartAsync(servers, Database, Auth.Url, _provider);
        Gateway = await GatewayHost.StartAsync(
            servers, Auth.Url, _chat.Url, ("Edge:TrustedProxies", "127.0.0.1"), ("Limits:Roles:analyst:Permits", "7"), ("Limits:Roles:analyst:Period", "01:00:00"));
        Web = await StartWebAsync(Gateway.Url);
    }

    public async Task DisposeAsync()
    {
        await Web.DisposeAsync();
        await Gateway.DisposeAsync();
        await _chat.DisposeAsync();
        await _provider.DisposeAsync();
        await Auth.DisposeAsync();
    }

    /// <summary>Another replica, which knows the same sessions.</summary>
    internal async Task<ServiceHost> StartWebAsync(string gatewayUrl)
    {
        var configuration = servers.Settings(Database);
        configuration["services:gateway:http:0"] = gatewayUrl;
        configuration["Gaia:EncryptionKey"] = AuthHost.EncryptionKey;
        var host = await ServiceHost.StartAsync("Gaia.Web", "Production", configuration, builder => builder.AddWeb(), app => app.MapWeb());
        return await host.UntilReadyAsync();
    }

    /// <summary>The browser of somebody new, who holds this role beside <c>user</c> and is on a page with a token.</summary>
    internal async Task<(WebBrowser Browser, Signed User)> SignInAsync(string? role = null)
    {
        var user = await Auth.RegisterAsync();
        if (role is not null)
        {
            await NativeServers.ExecuteAsync(
                Database, $"INSERT INTO user_roles (user_id, role_id, context_type, context_id) SELECT '{user.UserId}', id, 'global', '' FROM roles WHERE name = '{role}'");
        }

        var browser = new WebBrowser(Web.Url);
        Assert.Equal("/chat", (await browser.LoginAsync(user.Email)).Location);
        await browser.GetAsync("/profile");
        return (browser, user);
    }

    /// <summary>A page as it is sent, with its entities.</summary>
    internal async Task<string> ReadRawAsync(WebBrowser browser, string path)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(Web.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Cookie", $"session={browser.Cookie("session")}" }, { "Accept", "text/html" } } };
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>A new API key of a user.</summary>
    internal async Task<(string Id, string Secret)> CreateKeyAsync(Signed user, string name)
    {
        using var response = await AskAsync(HttpMethod.Post, "/api/v1/auth/keys", ("Authorization", $"Bearer {user.AccessToken}"), new { name });
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return ((string)body["id"]!, (string)body["key"]!);
    }

    internal async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, (string Name, string Value) credential, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { credential.Name, credential.Value } } };
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await Gateway.Client.SendAsync(request);
    }
}
