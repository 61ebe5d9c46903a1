using System.Collections.Concurrent;
using Gaia.Tests.Infrastructure;
using Gaia.Web;
using Microsoft.Playwright;

namespace Gaia.Tests.Browser;

/// <summary>
/// The web chat as people have it: two replicas of the web service in front of a real gateway, Auth and Chat, with their servers, and one
/// Chromium. Only the model is scripted: it answers what a test told it to, and otherwise repeats what it was asked.
/// </summary>
public sealed class BrowserStack : IAsyncLifetime
{
    /// <summary>For whatever is waited for: long, for a busy machine, and never reached where all is well.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly NativeServers _servers = new();
    private readonly ConcurrentDictionary<string, HeldAnswer> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private string _database = "";
    private ScriptedProvider _provider = null!;
    private AuthHost _auth = null!;
    private ChatHost _chat = null!;
    private GatewayHost _gateway = null!;
    private ServiceHost _web = null!;
    private ServiceHost _otherWeb = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    internal string Url => _web.Url;

    /// <summary>Another replica of the same site.</summary>
    internal string OtherUrl => _otherWeb.Url;

    public async Task InitializeAsync()
    {
        await _servers.InitializeAsync();
        _provider = await ScriptedProvider.StartAsync();
        _provider.Then(AnswerAsync);
        _database = await _servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(_servers, _database);
        _chat = await ChatHost.StartAsync(
            _servers, _database, _auth.Url, _provider, ("Providers:FirstChunkTimeout", "00:01:00"), ("Providers:IdleTimeout", "00:01:00"));
        _gateway = await GatewayHost.StartAsync(_servers, _auth.Url, _chat.Url, ("Edge:TrustedProxies", "127.0.0.1"), ("Limits:Enabled", "false"));
        _web = await StartWebAsync();
        _otherWeb = await StartWebAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = FindChromium() });
    }

    public async Task DisposeAsync()
    {
        // As far as it came: what did not start must not hide why.
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        foreach (IAsyncDisposable? host in new IAsyncDisposable?[] { _otherWeb, _web, _gateway, _chat, _auth, _provider })
        {
            if (host is not null)
                await host.DisposeAsync();
        }

        await _servers.DisposeAsync();
    }

    /// <summary>What the model says to this question from now on.</summary>
    internal void Answer(string question, string answer) => _answers[question] = answer;

    /// <summary>Lets the model wait for the test to say what it says to this question, the next time.</summary>
    internal HeldAnswer Hold(string question) => _held[question] = new HeldAnswer();

    /// <summary>A new user, with a client of the gateway, to make what a test needs to begin with.</summary>
    internal async Task<Caller> RegisterAsync(string? email = null) => new(_gateway.Url, await _auth.RegisterAsync(email));

    /// <summary>A conversation with this many messages, the last of which is the newest.</summary>
    internal async Task<string> BeginLongAsync(Caller caller, int messages)
    {
        var conversation = await caller.BeginAsync("A long conversation", "Number 0");
        await NativeServers.ExecuteAsync(_database, $"""
            INSERT INTO chat_messages (user_id, conversation_id, role, content, finish_reason, created_at)
            SELECT user_id, id, CASE WHEN number % 2 = 0 THEN 'user' ELSE 'assistant' END, 'Number ' || number, CASE WHEN number % 2 = 1 THEN 'stop' END, created_at + number * interval '1 millisecond'
            FROM conversations, generate_series(2, {messages - 1}) AS number WHERE id = '{conversation}'
            """);
        return conversation;
    }

    /// <summary>Makes somebody an administrator, as an operator does.</summary>
    internal Task PromoteAsync(Caller caller) => NativeServers.ExecuteAsync(
        _database, $"INSERT INTO user_roles (user_id, role_id) SELECT '{caller.UserId}', id FROM roles WHERE name = 'super_admin'");

    /// <summary>Another browser window, of nobody yet.</summary>
    internal async Task<Person> OpenAsync(BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.BaseURL ??= Url;
        options.ReducedMotion ??= ReducedMotion.Reduce;
        options.Locale ??= "en-GB";
        return await Person.OpenAsync(await _browser.NewContextAsync(options));
    }

    /// <summary>One more replica.</summary>
    /// <param name="gateway">Where it takes the gateway to be; where it is when null.</param>
    internal async Task<ServiceHost> StartWebAsync(int port = 0, string? gateway = null)
    {
        var settings = _servers.Settings(_database);
        settings["services:gateway:http:0"] = gateway ?? _gateway.Url;
        settings["Gaia:EncryptionKey"] = AuthHost.EncryptionKey;
        var host = await ServiceHost.StartAsync("Gaia.Web", "Development", settings, builder => builder.AddWeb(), app => app.MapWeb(), port: port);
        return await host.UntilReadyAsync();
    }

    private Task AnswerAsync(ScriptedProviderExchange exchange, CancellationToken cancellationToken)
    {
        var question = exchange.Request.Messages.Last(message => message.Role == "user").Text;
        return _held.TryRemove(question, out var held)
            ? held.PlayAsync(exchange, cancellationToken)
            : exchange.ReplyAsync([_answers.GetValueOrDefault(question, $"You said: {question}")], TimeSpan.Zero, cancellationToken);
    }

    private static string FindChromium() =>
        new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Chromium is missing: ./gaia test installs it, or set CHROMIUM to where it is.");
}

/// <summary>Browser tests share one stack, one after the other, and nothing runs beside them: a browser keeps a machine busy by itself.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BrowserGroup : ICollectionFixture<BrowserStack>
{
    public const string Name = "browser";
}
