using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Gaia.Tests.Infrastructure;

/// <summary>
/// A language-model provider on a free loopback port that speaks OpenAI (<c>/v1/chat/completions</c>) and Anthropic (<c>/v1/messages</c>), records every
/// request and answers as scripted, in every way that a provider can fail. What is scripted on the server itself answers any key;
/// <see cref="For"/> scripts one API key, so that parallel tests may share a server.
/// </summary>
public sealed class ScriptedProvider : ScriptedProviderScript, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ScriptedProviderScript> _scripts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<ScriptedProviderRequest> _requests = new();
    private readonly SemaphoreSlim _arrivals = new(0);
    private WebApplication? _server;
    private CancellationTokenSource _stopping = new();

    private ScriptedProvider()
    {
    }

    /// <summary>Root of the server: what the Anthropic SDK takes as its base URL.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>What the OpenAI SDK takes as its endpoint.</summary>
    public Uri OpenAiEndpoint => new(Address, "/v1");

    /// <summary>What <c>/v1/models</c> lists.</summary>
    public IReadOnlyList<string> Models { get; set; } = ["scripted-model"];

    /// <summary>Everything received so far, oldest first, requests still running included.</summary>
    public IReadOnlyList<ScriptedProviderRequest> Requests => [.. _requests];

    public static async Task<ScriptedProvider> StartAsync(CancellationToken cancellationToken = default)
    {
        var provider = new ScriptedProvider();
        await provider.ListenAsync(cancellationToken);
        return provider;
    }

    /// <summary>The script for requests that carry this API key.</summary>
    public ScriptedProviderScript For(string apiKey) => _scripts.GetOrAdd(apiKey, _ => new ScriptedProviderScript());

    public IReadOnlyList<ScriptedProviderRequest> RequestsOf(string apiKey) => [.. _requests.Where(request => request.ApiKey == apiKey)];

    /// <summary>Waits until so many requests in all have arrived, and returns the last of them.</summary>
    public async Task<ScriptedProviderRequest> WaitForRequestAsync(int count = 1, TimeSpan? timeout = null)
    {
        using var limit = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(10));
        while (_requests.Count < count)
            await _arrivals.WaitAsync(TimeSpan.FromMilliseconds(50), limit.Token);
        return Requests[count - 1];
    }

    /// <summary>Stops listening: connections are refused, those open are cut, until <see cref="ListenAsync"/>.</summary>
    public async Task RefuseAsync()
    {
        if (_server is not { } server)
            return;
        _server = null;
        await _stopping.CancelAsync();
        await server.StopAsync();
        await server.DisposeAsync();
    }

    /// <summary>Listens, after <see cref="RefuseAsync"/> on the same port again.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken = default)
    {
        if (_server is not null)
            return;
        _stopping.Dispose();
        _stopping = new CancellationTokenSource();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, Address.Port);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(1));
        var server = builder.Build();
        server.MapPost("/v1/chat/completions", context => AnswerAsync(context, ScriptedProviderDialect.OpenAi));
        server.MapPost("/v1/messages", context => AnswerAsync(context, ScriptedProviderDialect.Anthropic));
        server.MapGet("/v1/models", ListModelsAsync);
        await server.StartAsync(cancellationToken);
        Address = new Uri(server.Urls.Single());
        _server = server;
    }

    public async ValueTask DisposeAsync()
    {
        await RefuseAsync();
        _stopping.Dispose();
        _arrivals.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, ScriptedProviderDialect dialect)
    {
        var request = await RecordAsync(context, dialect);
        var script = _scripts.GetValueOrDefault(request.ApiKey) ?? this;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        using var watch = context.RequestAborted.Register(request.MarkDisconnected);
        try
        {
            await script.Next()(new ScriptedProviderExchange(context, request, dialect), ended.Token);
            request.MarkCompleted();
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client left, or the server is being stopped; both are on record.
            context.Abort();
        }
    }

    private async Task ListModelsAsync(HttpContext context)
    {
        var dialect = context.Request.Headers.ContainsKey("anthropic-version") ? ScriptedProviderDialect.Anthropic : ScriptedProviderDialect.OpenAi;
        var request = await RecordAsync(context, dialect);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(dialect.ModelList(Models).ToJsonString(), context.RequestAborted);
        request.MarkCompleted();
    }

    private async Task<ScriptedProviderRequest> RecordAsync(HttpContext context, ScriptedProviderDialect dialect)
    {
        var arrived = TimeProvider.System.GetUtcNow();
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var request = new ScriptedProviderRequest(context.Request, body, dialect, arrived);
        _requests.Enqueue(request);
        _arrivals.Release();
        return request;
    }
}
