using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gaia.Tests.Stack;

/// <summary>The whole stack, started once through the AppHost and shared by every test that talks to the gateway.</summary>
public sealed class GaiaStack : IAsyncLifetime
{
    /// <summary>The key that the legacy README prints.</summary>
    public const string DevelopmentKey = "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE";

    /// <summary>Goes through the scripted provider; without a model name the embedded one answers.</summary>
    public const string ScriptedModel = "gpt-4o-mini";

    public static readonly IReadOnlyList<string> Services = ["gateway", "auth", "chat", "asset", "kb", "web"];

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private DistributedApplication? _app;

    internal ScriptedProvider Provider { get; private set; } = null!;

    internal TelemetrySink Telemetry { get; private set; } = null!;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The stack is not started.");

    /// <summary>The gateway, with the development key.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>The gateway, without a credential.</summary>
    public HttpClient Anonymous { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Provider = await ScriptedProvider.StartAsync();
        Telemetry = await TelemetrySink.StartAsync();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Gaia_AppHost>(
        [
            "--environment=Development",
            "--OPENAI_API_KEY=sk-scripted",
            $"--OPENAI_BASE_URL={Provider.OpenAiEndpoint}",
            "--ANTHROPIC_API_KEY=sk-ant-scripted",
            $"--ANTHROPIC_BASE_URL={Provider.Address.AbsoluteUri.TrimEnd('/')}",
            "--DEFAULT_LLM_MODEL=gaia-local",
        ]);
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToList())
        {
            builder.CreateResourceBuilder(project)
                .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", Telemetry.Url)
                .WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        }

        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        _app = await builder.BuildAsync();
        using var limit = new CancellationTokenSource(StartLimit);
        await _app.StartAsync(limit.Token);
        foreach (var service in Services)
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(service, limit.Token);

        Anonymous = CreateClient("gateway");
        Client = CreateClient("gateway");
        Client.DefaultRequestHeaders.Add("X-API-Key", DevelopmentKey);
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        Anonymous?.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        if (Telemetry is not null)
            await Telemetry.DisposeAsync();
        if (Provider is not null)
            await Provider.DisposeAsync();
    }

    /// <summary>Stops a server or service for as long as <paramref name="meanwhile"/> runs.</summary>
    public Task WithoutAsync(string resource, Func<Task> meanwhile) =>
        WhileAwayAsync(resource, () => CommandAsync(resource, KnownResourceCommands.StopCommand), meanwhile);

    /// <summary>Kills a server, and starts it again after <paramref name="meanwhile"/>.</summary>
    internal Task WhileKilledAsync(string resource, string program, Func<Task> meanwhile) => WhileAwayAsync(
        resource,
        async () =>
        {
            await HungServer.KillAsync(App, resource, program);
            using var limit = new CancellationTokenSource(StartLimit);
            await App.ResourceNotifications.WaitForResourceAsync(resource, update => KnownResourceStates.TerminalStates.Contains(update.Snapshot.State?.Text ?? ""), limit.Token);
        },
        meanwhile);

    private async Task WhileAwayAsync(string resource, Func<Task> end, Func<Task> meanwhile)
    {
        await end();
        try
        {
            await meanwhile();
        }
        finally
        {
            await CommandAsync(resource, KnownResourceCommands.StartCommand);
            using var limit = new CancellationTokenSource(StartLimit);
            await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
        }
    }

    /// <summary>A client that repeats nothing: the one of Aspire's testing package would hide every 503.</summary>
    public HttpClient CreateClient(string service)
    {
        using var client = App.CreateHttpClient(service, "http");
        return new HttpClient { BaseAddress = client.BaseAddress };
    }

    internal async Task<ChatReply> ChatAsync(string message, string? conversation = null, string? model = null)
    {
        using var response = await Client.PostAsJsonAsync("/api/v1/chat", new { message, conversation_id = conversation, model });
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {body}");
        var json = JsonDocument.Parse(body).RootElement;
        return new ChatReply(
            json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!,
            json.GetProperty("_metadata").GetProperty("conversation_id").GetString()!);
    }

    private async Task CommandAsync(string resource, string command)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var result = await App.Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(resource, command, limit.Token);
        Assert.True(result.Success, $"{command} {resource}: {result.Message}");
    }
}

internal sealed record ChatReply(string Content, string ConversationId);

[CollectionDefinition(Name)]
public sealed class StackGroup : ICollectionFixture<GaiaStack>
{
    public const string Name = "stack";
}
