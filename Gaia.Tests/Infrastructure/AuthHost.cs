using System.Net.Http.Json;
using Gaia.Auth;
using Gaia.Auth.ApiKeys;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Infrastructure;

/// <summary>A real Auth inside the test process.</summary>
internal sealed class AuthHost : IAsyncDisposable
{
    public const string DevelopmentKey = "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE";
    public const string EncryptionKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    /// <summary>What every service of a test proves itself with.</summary>
    public const string ServiceKey = "the-key-of-every-service-in-a-test";

    private static readonly string[] KnownServices = ["asset", "chat", "gateway", "kb", "probe", "web"];

    private readonly ServiceHost _host;
    private readonly Counter _exchanges;

    private AuthHost(ServiceHost host, Counter exchanges)
    {
        _host = host;
        _exchanges = exchanges;
        AsService = new HttpClient(new ServiceTokenHandler(host.Url)) { BaseAddress = new Uri(host.Url) };
    }

    /// <summary>Calls it as the gateway does.</summary>
    public HttpClient AsService { get; }

    public string Url => _host.Url;

    public HttpClient Client => _host.Client;

    public IServiceProvider Services => _host.Services;

    /// <summary>How many credentials it was asked about.</summary>
    public int Exchanges => _exchanges.Value;

    public static async Task<AuthHost> StartAsync(
        NativeServers servers,
        string database,
        string environment = "Development",
        TimeProvider? clock = null,
        LogSink? log = null,
        params IEnumerable<(string Key, string? Value)> settings)
    {
        var configuration = servers.Settings(database);
        configuration["Gaia:EncryptionKey"] = EncryptionKey;
        foreach (var service in KnownServices)
            configuration[$"Auth:ServiceKeys:{service}"] = ServiceKey;
        foreach (var (key, value) in settings)
            configuration[key] = value;
        var exchanges = new Counter();
        var host = await ServiceHost.StartAsync("Gaia.Auth", environment, configuration, builder => builder.AddAuth(), app =>
        {
            app.Use((context, next) =>
            {
                if (context.Request.Path == "/internal/validate")
                    Interlocked.Increment(ref exchanges.Value);
                return next(context);
            });
            app.MapAuth();
        }, clock, log: log);
        await host.UntilReadyAsync();
        return new AuthHost(host, exchanges);
    }

    public async Task<T> WithAsync<TService, T>(Func<TService, Task<T>> use) where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>A new key of a new user.</summary>
    public Task<CreatedApiKey> CreateKeyAsync(DateTimeOffset? expiresAt = null, params string[] scopes) => WithAsync<AuthDbContext, CreatedApiKey>(async db =>
    {
        var user = new Gaia.Auth.Users.User { Id = Guid.NewGuid(), Email = $"{Guid.NewGuid():N}@example.test" };
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return await WithAsync<ApiKeyStore, CreatedApiKey>(async store => (await store.CreateAsync(user.Id, "test", scopes, expiresAt, CancellationToken.None))!);
    });

    public Task<bool> RevokeAsync(CreatedApiKey key) =>
        WithAsync<ApiKeyStore, bool>(store => store.RevokeAsync(key.Row.UserId, key.Row.Id, CancellationToken.None));

    public ValueTask DisposeAsync()
    {
        AsService.Dispose();
        return _host.DisposeAsync();
    }

    private sealed class Counter
    {
        public int Value;
    }

    private sealed class ServiceTokenHandler(string url) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(url), "/internal/service-token"))
            {
                Content = JsonContent.Create(new { service_name = "gateway" }),
                Headers = { { ServiceHeaders.Key, ServiceKey } },
            };
            using var answer = await base.SendAsync(ask, cancellationToken);
            answer.EnsureSuccessStatusCode();
            var token = await answer.Content.ReadFromJsonAsync(ServiceTokenJson.Default.ServiceTokenResponse, cancellationToken);
            request.Headers.Add(ServiceHeaders.Token, token!.Token);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
