using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gaia.Tests.Web;

/// <summary>A gateway of which only <c>GET /health</c> exists, and answers what a test wants.</summary>
internal sealed class StubGateway : IAsyncDisposable
{
    public const string AllHealthy = """
        {"status":"healthy","timestamp":"2025-07-28T09:30:00.123456","version":"0.2.0",
         "services":{"auth":{"status":"healthy","response_time":0.0042},"asset":{"status":"healthy","response_time":0.0003},
                     "chat":{"status":"healthy","response_time":1.25},"kb":{"status":"healthy","response_time":0.002}},
         "database":{"status":"healthy","database":"postgresql","responsive":true},"redis":{"status":"healthy","connected":true},
         "nats":{"status":"healthy"},"supabase":{"status":"unhealthy","service":"supabase","url":null,"responsive":false}}
        """;

    private readonly WebApplication _app;

    private StubGateway(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public int Status { get; set; } = StatusCodes.Status200OK;

    public string Body { get; set; } = AllHealthy;

    public TimeSpan Delay { get; set; }

    public static async Task<StubGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var gateway = new StubGateway(app);
        app.MapGet("/health", async (HttpContext context) =>
        {
            await Task.Delay(gateway.Delay, context.RequestAborted);
            return Results.Text(gateway.Body, "application/json", statusCode: gateway.Status);
        });
        await app.StartAsync();
        return gateway;
    }

    public void Down(string service, string error) => Body = AllHealthy.Replace(
        AllHealthy[AllHealthy.IndexOf($"\"{service}\":{{", StringComparison.Ordinal)..(AllHealthy.IndexOf('}', AllHealthy.IndexOf($"\"{service}\":{{", StringComparison.Ordinal)) + 1)],
        $$"""
        "{{service}}":{"status":"unhealthy","error":{{System.Text.Json.JsonSerializer.Serialize(error)}}}
        """,
        StringComparison.Ordinal);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
