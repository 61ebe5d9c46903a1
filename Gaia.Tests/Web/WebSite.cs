using Gaia.ServiceDefaults;
using Gaia.Tests.Infrastructure;
using Gaia.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Gaia.Tests.Web;

/// <summary>The web service in this process, on a port of its own, in front of a stub gateway.</summary>
internal sealed class WebSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebSite(WebApplication app, StubGateway gateway)
    {
        _app = app;
        Gateway = gateway;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Client.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
    }

    public HttpClient Client { get; }

    public StubGateway Gateway { get; }

    public static Task<WebSite> StartAsync(params (string Name, string Value)[] settings) => StartAsync(static _ => { }, settings);

    public static async Task<WebSite> StartAsync(Action<WebApplication> map, params (string Name, string Value)[] settings)
    {
        var gateway = await StubGateway.StartAsync();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(WebExtensions).Assembly.GetName().Name,
            EnvironmentName = settings.FirstOrDefault(static setting => setting.Name == "ASPNETCORE_ENVIRONMENT").Value ?? "Production",
            ContentRootPath = Path.Combine(RepositoryClone.Root, "Gaia.Web"),
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:gateway:http:0"] = gateway.Url,
            // None is there: the status page has to do without.
            ["ConnectionStrings:gaia"] = "Host=127.0.0.1;Port=9;Username=nobody;Database=nothing",
            ["Gaia:EncryptionKey"] = AuthHost.EncryptionKey,
            ["ConnectionStrings:nats"] = "nats://127.0.0.1:9",
            ["ConnectionStrings:redis"] = "127.0.0.1:9",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value));
        builder.AddServiceDefaults();
        builder.AddWeb();

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapWeb();
        map(app);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            await gateway.DisposeAsync();
            throw;
        }

        return new WebSite(app, gateway);
    }

    /// <summary>The fragment that a page asks for which shows <paramref name="seen"/>.</summary>
    public Task<string> GetFragmentAsync(string? seen = null) => Client.GetStringAsync($"/health/fragment?seen={seen}");

    /// <summary>Polls as the page does, until it shows this text.</summary>
    public async Task<string> GetFragmentWithAsync(string text, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        while (true)
        {
            var fragment = await GetFragmentAsync();
            if (fragment.Contains(text, StringComparison.Ordinal))
                return fragment;
            Assert.False(deadline.IsCancellationRequested, $"'{text}' did not appear in: {fragment}");
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Gateway.DisposeAsync();
    }
}
