using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Gaia.Tests.Infrastructure;
using Gaia.Web;

namespace Gaia.Tests.Web.Chat;

/// <summary>The web service with all that is behind it: a real gateway, Auth and Chat, and a scripted provider.</summary>
public sealed class ChatSite(NativeServers servers) : IAsyncLifetime
{
    private AuthHost _auth = null!;
    private ChatHost _chat = null!;
    private GatewayHost _gateway = null!;
    private ServiceHost _web = null!;

    internal ScriptedProvider Provider { get; private set; } = null!;

    internal string Database { get; private set; } = "";

    /// <summary>Somebody who is signed in.</summary>
    internal Browser Alice { get; private set; } = null!;

    /// <summary>Somebody else.</summary>
    internal Browser Bob { get; private set; } = null!;

    internal Browser Anonymous { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        Provider = await ScriptedProvider.StartAsync();
        _auth = await AuthHost.StartAsync(servers, Database);
        _chat = await ChatHost.StartAsync(servers, Database, _auth.Url, Provider);
        _gateway = await GatewayHost.StartAsync(servers, _auth.Url, _chat.Url);
        var settings = servers.Settings(Database);
        settings["Gaia:EncryptionKey"] = AuthHost.EncryptionKey;
        settings["Services:gateway:http:0"] = _gateway.Url;
        _web = await ServiceHost.StartAsync("Gaia.Web", "Development", settings, builder => builder.AddWeb(), app => app.MapWeb());
        await _web.UntilReadyAsync();
        Alice = await SignInAsync();
        Bob = await SignInAsync();
        Anonymous = new Browser(_web.Url);
    }

    public async Task DisposeAsync()
    {
        Alice.Dispose();
        Bob.Dispose();
        Anonymous.Dispose();
        await _web.DisposeAsync();
        await _gateway.DisposeAsync();
        await _chat.DisposeAsync();
        await _auth.DisposeAsync();
        await Provider.DisposeAsync();
    }

    private async Task<Browser> SignInAsync()
    {
        var user = await _auth.RegisterAsync();
        var browser = new Browser(_web.Url);
        await browser.LoginAsync(user.Email, UserRequests.Password);
        return browser;
    }
}

/// <summary>One person's browser: cookies, the token of the page, and htmx's headers.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient _client;
    private string _token = "";

    public Browser(string url)
    {
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = new Uri(url) };
        _client.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
    }

    public async Task LoginAsync(string email, string password)
    {
        var page = await PageAsync("/login");
        using var response = await _client.PostAsync("/auth/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["email"] = email,
            ["password"] = password,
            ["__RequestVerificationToken"] = page.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!,
        }));
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var headers = (await PageAsync("/chat")).QuerySelector("body")!.GetAttribute("hx-headers")!;
        _token = JsonDocument.Parse(headers).RootElement.GetProperty("RequestVerificationToken").GetString()!;
    }

    /// <summary>Asks for a whole page.</summary>
    public Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(path);

    public async Task<IDocument> PageAsync(string path)
    {
        using var response = await _client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await ParseAsync(response);
    }

    /// <summary>Sends what htmx sends.</summary>
    public async Task<HttpResponseMessage> HtmxAsync(string method, string path, object? fields = null, string? on = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("HX-Request", "true");
        request.Headers.Add("RequestVerificationToken", _token);
        if (on is not null)
            request.Headers.Add("HX-Current-URL", new Uri(_client.BaseAddress!, on).ToString());
        if (method is not "GET" and not "DELETE")
            request.Content = new FormUrlEncodedContent(fields?.GetType().GetProperties().Select(x => KeyValuePair.Create(x.Name, x.GetValue(fields)?.ToString() ?? "")) ?? []);
        return await _client.SendAsync(request);
    }

    /// <summary>A fragment, which htmx puts into the page.</summary>
    public async Task<IDocument> FragmentAsync(string method, string path, object? fields = null, string? on = null)
    {
        using var response = await HtmxAsync(method, path, fields, on);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await ParseAsync(response);
    }

    /// <summary>Says something, and returns the place of the answer.</summary>
    public async Task<IElement> SendAsync(string message, string? conversation = null)
    {
        var fragment = await FragmentAsync("POST", "/api/chat/send", new { message, conversation_id = conversation });
        return fragment.QuerySelector("[data-stream]") ?? throw new InvalidOperationException(fragment.Body!.InnerHtml);
    }

    /// <summary>Says something, and waits until it is answered.</summary>
    public async Task<(string Conversation, string Answer)> SayAsync(string message, string? conversation = null)
    {
        var place = await SendAsync(message, conversation);
        await WatchAsync(place);
        return (ConversationOf(place), place.GetAttribute("data-message-id")!);
    }

    public static string ConversationOf(IElement place) => place.GetAttribute("data-stream")!.Split("conversation_id=")[1];

    /// <summary>Opens the stream of an answer.</summary>
    public Task<HttpResponseMessage> OpenAsync(IElement place) => _client.GetAsync(place.GetAttribute("data-stream"), HttpCompletionOption.ResponseHeadersRead);

    /// <summary>The events of an answer until its end; the last one is <c>[DONE]</c>.</summary>
    public async Task<IReadOnlyList<AnswerEvent>> WatchAsync(IElement place)
    {
        using var response = await OpenAsync(place);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var events = new List<AnswerEvent>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(limit.Token)).EnumerateAsync(limit.Token))
            events.Add(AnswerEvent.Read(item.Data));
        Assert.Equal("[DONE]", events[^1].Type);
        return events;
    }

    public void Dispose() => _client.Dispose();

    public static async Task<IDocument> ParseAsync(HttpResponseMessage response) => new HtmlParser().ParseDocument(await response.Content.ReadAsStringAsync());
}

internal sealed record AnswerEvent(string Type, string? Content, string? Html, string? Error, string? FinishReason)
{
    public static AnswerEvent Read(string data)
    {
        if (data == "[DONE]")
            return new AnswerEvent(data, null, null, null, null);
        var json = JsonDocument.Parse(data).RootElement;
        return new AnswerEvent(Text("type")!, Text("content"), Text("html"), Text("error"), Text("finish_reason"));

        string? Text(string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}
