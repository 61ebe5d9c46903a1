using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Personas;

/// <summary>Chat with personas on, and as many users as a test wants.</summary>
public sealed class PersonaFixture(NativeServers servers) : IAsyncLifetime
{
    private AuthHost _auth = null!;

    internal NativeServers Servers => servers;

    internal string Database { get; private set; } = "";

    internal ScriptedProvider Provider { get; private set; } = null!;

    internal ChatHost Chat { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, Database);
        Provider = await ScriptedProvider.StartAsync();
        Chat = await StartAnotherAsync();
    }

    public async Task DisposeAsync()
    {
        await Chat.DisposeAsync();
        await Provider.DisposeAsync();
        await _auth.DisposeAsync();
    }

    /// <summary>Another Chat over the same database, provider and users.</summary>
    internal async Task<ChatHost> StartAnotherAsync(TimeProvider? clock = null, string? defaultPersona = "Mu") =>
        await UntilWarmAsync(await ChatHost.StartAsync(servers, Database, _auth.Url, Provider, [("Chat:DefaultPersona", defaultPersona)], log: null, clock));

    /// <summary>On a busy machine the first questions of a new process to Auth may take longer than a request waits for them.</summary>
    internal static async Task<ChatHost> UntilWarmAsync(ChatHost chat)
    {
        using var caller = chat.As(AuthHost.DevelopmentKey);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await caller.Client.GetAsync(PersonaUser.V02);
                return answer.IsSuccessStatusCode;
            },
            seconds: 20);
        return chat;
    }

    /// <summary>Somebody new.</summary>
    internal async Task<PersonaUser> NewUserAsync()
    {
        var key = await _auth.CreateKeyAsync();
        return new PersonaUser(Chat.As(key.Secret), key.Secret, key.Row.UserId);
    }

    /// <summary>The development user, who may do everything.</summary>
    internal PersonaUser Administrator() => new(Chat.As(AuthHost.DevelopmentKey), AuthHost.DevelopmentKey, Guid.Empty);

    /// <summary>What the model is told first when a user who has said nothing before says hello.</summary>
    internal async Task<string> SystemMessageAsync(ChatCaller caller, string? persona = null)
    {
        Provider.Reply("ok");
        await caller.AskAsync(new { message = "Hello", persona_id = persona });
        var messages = Provider.Requests[^1].Messages;
        Assert.Equal(["system", "user"], messages.Select(message => message.Role));
        return messages[0].Text;
    }

    /// <summary>The system message with a persona's prompt in it.</summary>
    internal static string With(string prompt) => $"{ChatHost.SystemPrompt}\n\n{prompt}";
}

/// <summary>A user of Chat.</summary>
internal sealed record PersonaUser(ChatCaller Caller, string Key, Guid Id) : IDisposable
{
    public const string V02 = "/api/v0.2/personas";

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await Caller.Client.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>A successful answer.</summary>
    public async Task<JsonElement> OkAsync(string method, string path, object? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, $"{method} {path}: {(int)status} {answer}");
        return answer;
    }

    /// <summary>A new persona of this user's own, as its id.</summary>
    public async Task<string> CreateAsync(string name, string prompt) =>
        (await OkAsync("POST", V02, new { name, description = "Made by a test", system_prompt = prompt })).GetProperty("persona").GetProperty("id").GetString()!;

    public Task<JsonElement> ChooseAsync(string persona) => OkAsync("POST", $"{V02}/set", new { persona_id = persona });

    public async Task<IReadOnlyList<string>> NamesAsync(string query = "") =>
        [.. (await OkAsync("GET", V02 + query)).GetProperty("personas").EnumerateArray().Select(persona => persona.GetProperty("name").GetString()!)];

    public void Dispose() => Caller.Dispose();
}
