using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Chat;
using Microsoft.Extensions.Configuration;

namespace Gaia.Tests.Infrastructure;

/// <summary>A real Chat inside the test process, between a real Auth and a scripted provider.</summary>
internal sealed class ChatHost : IAsyncDisposable
{
    public const string OpenAIKey = "sk-scripted-openai-secret";
    public const string AnthropicKey = "sk-ant-scripted-secret";
    public const string OpenAIModel = "gpt-4o-mini";
    public const string AnthropicModel = "claude-haiku-4-5";
    public const string SystemPrompt = "You are under test.";

    private readonly ServiceHost _host;

    private ChatHost(ServiceHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public string Url => _host.Url;

    public static Task<ChatHost> StartAsync(
        NativeServers servers, string database, string authUrl, ScriptedProvider provider, params IEnumerable<(string Key, string? Value)> settings) =>
        StartAsync(servers, database, authUrl, provider, settings, log: null);

    /// <param name="settings">Over those of the service's own file.</param>
    /// <param name="log">Receives everything it logs.</param>
    /// <param name="clock">Its time; the system's when null.</param>
    public static async Task<ChatHost> StartAsync(
        NativeServers servers,
        string database,
        string authUrl,
        ScriptedProvider provider,
        IEnumerable<(string Key, string? Value)> settings,
        LogSink? log,
        TimeProvider? clock = null)
    {
        // The service's own settings file: beside the tests lie those of other services, too.
        var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(RepositoryClone.Root, "Gaia.Chat", "appsettings.json")).Build()
            .GetSection("Models").AsEnumerable().Where(setting => setting.Value is not null).ToDictionary();
        foreach (var (key, value) in servers.Settings(database))
            configuration[key] = value;
        configuration["Services:auth:http:0"] = authUrl;
        configuration["Providers:OpenAI:ApiKey"] = OpenAIKey;
        configuration["Providers:OpenAI:BaseUrl"] = provider.OpenAiEndpoint.ToString();
        configuration["Providers:Anthropic:ApiKey"] = AnthropicKey;
        configuration["Providers:Anthropic:BaseUrl"] = provider.Address.ToString();
        configuration["Providers:DefaultModel"] = OpenAIModel;
        configuration["Providers:FirstChunkTimeout"] = "00:00:02";
        configuration["Providers:IdleTimeout"] = "00:00:02";
        configuration["Chat:SystemPrompt"] = SystemPrompt;
        // The prompts that tests expect are whole, and a provider that fails is seen to.
        configuration["Chat:DefaultPersona"] = "";
        configuration["Chat:Fallback"] = "false";
        foreach (var (key, value) in settings)
            configuration[key] = value;
        // Every database of the tests has one Redis, and these lists are of a database, not of a user.
        await servers.ForgetAsync("personas:list:active", "personas:list:all");
        var host = await ServiceHost.StartAsync("Gaia.Chat", "Development", configuration, builder => builder.AddChat(), app => app.MapChat(), clock, log: log);
        return new ChatHost(await host.UntilReadyAsync());
    }

    /// <summary>A caller with this API key.</summary>
    public ChatCaller As(string apiKey) => new(Url, apiKey);

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}

/// <summary>Talks to Chat as one user.</summary>
internal sealed class ChatCaller : IDisposable
{
    public ChatCaller(string url, string? apiKey)
    {
        // Who leaves closes the connection at once, as a browser or a game does.
        Client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = new Uri(url) };
        if (apiKey is not null)
            Client.DefaultRequestHeaders.Add("X-API-Key", apiKey);
    }

    public HttpClient Client { get; }

    public Task<HttpResponseMessage> PostAsync(object body, CancellationToken cancellationToken = default) =>
        Client.PostAsJsonAsync("/api/v1/chat", body, cancellationToken);

    /// <summary>Posts the body as it is.</summary>
    public Task<HttpResponseMessage> PostRawAsync(string path, string body) =>
        Client.PostAsync(path, new StringContent(body, new MediaTypeHeaderValue("application/json")));

    /// <summary>A successful answer as JSON.</summary>
    public async Task<JsonElement> AskAsync(object body)
    {
        using var response = await PostAsync(body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>A successful answer's conversation.</summary>
    public async Task<string> SayAsync(string message, string? conversation = null, string? model = null) =>
        (await AskAsync(new { message, conversation_id = conversation, model })).GetProperty("_metadata").GetProperty("conversation_id").GetString()!;

    /// <summary>Opens a stream; its events are read by the test.</summary>
    public async Task<HttpResponseMessage> OpenStreamAsync(string message, string? conversation = null, string? model = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat")
        {
            Content = JsonContent.Create(new { message, stream = true, conversation_id = conversation, model }),
        };
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<IReadOnlyList<(string Role, string Content)>> MessagesAsync(string conversation) =>
        [.. (await GetAsync($"/api/v1/conversations/{conversation}/messages")).GetProperty("messages").EnumerateArray()
            .Select(message => (message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!))];

    public void Dispose() => Client.Dispose();
}

/// <summary>Chat with all it needs, for the tests of one class.</summary>
public sealed class ChatFixture(NativeServers servers) : IAsyncLifetime
{
    private AuthHost _auth = null!;

    internal NativeServers Servers => servers;

    internal string Database { get; private set; } = "";

    internal ScriptedProvider Provider { get; private set; } = null!;

    internal ChatHost Chat { get; private set; } = null!;

    /// <summary>The development user.</summary>
    internal ChatCaller Alice { get; private set; } = null!;

    /// <summary>Somebody else.</summary>
    internal ChatCaller Bob { get; private set; } = null!;

    internal ChatCaller Anonymous { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, Database);
        Provider = await ScriptedProvider.StartAsync();
        Chat = await ChatHost.StartAsync(servers, Database, _auth.Url, Provider, ("Chat:MaxAnswerLength", "5000"));
        Alice = Chat.As(AuthHost.DevelopmentKey);
        Bob = Chat.As((await _auth.CreateKeyAsync()).Secret);
        Anonymous = new ChatCaller(Chat.Url, apiKey: null);
    }

    public async Task DisposeAsync()
    {
        Alice.Dispose();
        Bob.Dispose();
        Anonymous.Dispose();
        await Chat.DisposeAsync();
        await Provider.DisposeAsync();
        await _auth.DisposeAsync();
    }

    /// <summary>Another Chat over the same database, provider and users.</summary>
    internal Task<ChatHost> StartAnotherAsync(params IEnumerable<(string Key, string? Value)> settings) =>
        ChatHost.StartAsync(servers, Database, _auth.Url, Provider, settings);

    /// <summary>One value from Chat's tables, past the service.</summary>
    internal Task<T?> QueryAsync<T>(string sql) => NativeServers.QueryAsync<T>(Database, sql);

    /// <summary>Waits until a query says yes: what a service does after its client left has no answer to wait for.</summary>
    internal Task UntilAsync(string sql) => Eventually.TrueAsync(() => QueryAsync<bool>(sql));
}
