using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Tests.Infrastructure;
using Gaia.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Web.Live;

/// <summary>Two replicas of the web in front of a real gateway, Auth and Chat.</summary>
public sealed class LiveSite(NativeServers servers) : IAsyncLifetime
{
    private AuthHost _auth = null!;
    private ChatHost _chat = null!;
    private GatewayHost _gateway = null!;

    internal NativeServers Servers => servers;

    internal string Database { get; private set; } = "";

    internal ScriptedProvider Provider { get; private set; } = null!;

    internal ServiceHost One { get; private set; } = null!;

    internal ServiceHost Two { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        Provider = await ScriptedProvider.StartAsync();
        _auth = await AuthHost.StartAsync(servers, Database);
        _chat = await ChatHost.StartAsync(servers, Database, _auth.Url, Provider);
        _gateway = await GatewayHost.StartAsync(servers, _auth.Url, _chat.Url);
        One = await StartWebAsync();
        Two = await StartWebAsync();
    }

    public async Task DisposeAsync()
    {
        await Two.DisposeAsync();
        await One.DisposeAsync();
        await _gateway.DisposeAsync();
        await _chat.DisposeAsync();
        await _auth.DisposeAsync();
        await Provider.DisposeAsync();
    }

    internal async Task<ServiceHost> StartWebAsync(Action<IServiceCollection>? change = null)
    {
        var settings = servers.Settings(Database);
        settings["Gaia:EncryptionKey"] = AuthHost.EncryptionKey;
        settings["services:gateway:http:0"] = _gateway.Url;
        settings["ReloadStaticAssetsAtRuntime"] = "false";
        var host = await ServiceHost.StartAsync(
            "Gaia.Web",
            "Production",
            settings,
            builder =>
            {
                builder.AddWeb();
                change?.Invoke(builder.Services);
            },
            app => app.MapWeb());
        return await host.UntilReadyAsync();
    }

    /// <summary>Somebody who is signed in, at the first replica.</summary>
    internal async Task<LivePerson> SignInAsync()
    {
        var user = await _auth.RegisterAsync();
        var browser = new WebBrowser(One.Url);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.LoginAsync(user.Email)).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/chat")).Status);
        return new LivePerson(browser, _gateway.Url, user.AccessToken);
    }
}

/// <summary>One person: a browser, and what else calls the gateway in the person's name.</summary>
internal sealed class LivePerson : IDisposable
{
    private readonly HttpClient _gateway;

    public LivePerson(WebBrowser browser, string gatewayUrl, string accessToken)
    {
        Browser = browser;
        _gateway = new HttpClient { BaseAddress = new Uri(gatewayUrl) };
        _gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
    }

    public WebBrowser Browser { get; }

    public async Task<Guid> BeginAsync() => (await CallAsync(HttpMethod.Post, "/api/v1/conversations", new { title = "A title" })).GetProperty("id").GetGuid();

    public async Task<JsonElement> CallAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _gateway.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Says something in a page of the first replica.</summary>
    public async Task SendAsync(Guid conversation, string message)
    {
        var answer = await Browser.PostHtmxAsync("/api/chat/send", ("message", message), ("conversation_id", conversation.ToString()));
        Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Header("HX-Retarget")));
    }

    public void Dispose()
    {
        Browser.Dispose();
        _gateway.Dispose();
    }
}
