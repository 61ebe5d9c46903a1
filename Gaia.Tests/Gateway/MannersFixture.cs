using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Gateway;

/// <summary>
/// A gateway whose log is kept, with an endpoint that fails (<c>/test/fails</c>), a route to a service that is not there
/// (<c>/test/away</c>) and one to a service whose address nobody gave (<c>/test/nowhere</c>). It believes <c>X-Forwarded-Proto</c>.
/// </summary>
public sealed class MannersFixture(NativeServers servers) : IAsyncLifetime
{
    public const string AllowedOrigin = "https://game.example";
    public const int MaxBody = 4096;

    internal LogSink Log { get; } = new();

    internal AuthHost Auth { get; private set; } = null!;

    internal StubService Chat { get; private set; } = null!;

    internal GatewayHost Gateway { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        Chat = await StubService.StartAsync();
        Gateway = await GatewayHost.StartAsync(
            servers,
            Auth.Url,
            Chat.Url,
            [
                ("ALLOWED_ORIGINS", $"http://localhost:8080, {AllowedOrigin}/"),
                ("Edge:MaxRequestBodyBytes", $"{MaxBody}"),
                .. Route("away", "/test/away/{**rest}", "away"),
                ("ReverseProxy:Clusters:away:Destinations:only:Address", "http://away"),
                ("Services:away:http:0", $"http://127.0.0.1:{NativeServer.FreePort()}"),
                .. Route("nowhere", "/test/nowhere/{**rest}", "nowhere"),
                ("ReverseProxy:Clusters:nowhere:Destinations:only:Address", "http://nowhere"),
            ],
            Log,
            builder => builder.Services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.XForwardedProto),
            app =>
            {
                app.UseForwardedHeaders();
                app.MapGet("/test/fails", string (HttpContext _) => throw new InvalidOperationException("the text of an exception")).AllowAnonymous();
            });
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Chat.DisposeAsync();
        await Auth.DisposeAsync();
    }

    /// <summary>The settings of a route that asks for a credential.</summary>
    internal static IEnumerable<(string Key, string? Value)> Route(string name, string path, string cluster) =>
    [
        ($"ReverseProxy:Routes:{name}:ClusterId", cluster),
        ($"ReverseProxy:Routes:{name}:AuthorizationPolicy", "default"),
        ($"ReverseProxy:Routes:{name}:TimeoutPolicy", "request"),
        ($"ReverseProxy:Routes:{name}:Match:Path", path),
    ];

    /// <summary>
    /// Gets the gateway to answer with this status in the way it does: 200, 401 without a credential, 404 for an unknown path, 405, 413,
    /// 429 of a service, 500 of its own, 503 for a service that is away.
    /// </summary>
    internal async Task<HttpResponseMessage> AskForAsync(int status, params IEnumerable<(string Name, string Value)> headers)
    {
        Chat.Answer = async context =>
        {
            context.Response.StatusCode = status is 200 or 429 ? status : 200;
            context.Response.Headers.RetryAfter = "7";
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"error":"Rate limit exceeded","detail":"Rate limit exceeded"}""");
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, status switch
        {
            404 => "/no/such/path",
            405 => "/health",
            413 => "/api/v1/chat",
            500 => "/test/fails",
            503 => "/test/away/x",
            _ => "/api/v1/conversations",
        });
        if (status is 405 or 413)
        {
            request.Method = HttpMethod.Post;
            request.Content = new StringContent(new string('x', status == 413 ? MaxBody + 1 : 1));
        }

        if (status != 401)
            request.Headers.Add("X-API-Key", AuthHost.DevelopmentKey);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var answer = await Gateway.Client.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        return answer;
    }
}

internal static class AnswerHeaders
{
    /// <summary>What a script may read always, and what is the browser's own business.</summary>
    private static readonly string[] NeedNotBeExposed =
    [
        "Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified", "Pragma",
        "Connection", "Date", "Transfer-Encoding", "Vary", "Content-Encoding", "X-Accel-Buffering",
        "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Strict-Transport-Security",
    ];

    /// <summary>Whether a script of another origin can read all headers that are meant for it.</summary>
    public static void AssertReadableByScripts(this HttpResponseMessage answer)
    {
        var exposed = (answer.Header("Access-Control-Expose-Headers") ?? "").Split(',', StringSplitOptions.TrimEntries);
        var sent = answer.Headers.Concat(answer.Content.Headers).Select(header => header.Key).Where(name => !name.StartsWith("Access-Control-", StringComparison.Ordinal));
        Assert.Empty(sent.Except(NeedNotBeExposed.Concat(exposed), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>A header's values, of the answer or of its content, with commas between them; null where it is not there.</summary>
    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;
}
