using System.Net;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gaia.Tests.Infrastructure;

/// <summary>A service that tells who its caller is: <c>/whoami</c>, <c>/open</c> without authentication, <c>/admin</c> for the role <c>admin</c>.</summary>
internal sealed class ProbeHost : IAsyncDisposable
{
    private readonly ServiceHost _host;

    private ProbeHost(ServiceHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public string Url => _host.Url;

    /// <param name="authUrl">Where Auth is said to be.</param>
    /// <param name="edge">Whether it takes no internal token, as the gateway.</param>
    public static async Task<ProbeHost> StartAsync(NativeServers servers, string authUrl, bool edge = true, TimeProvider? clock = null, string? operatorKey = null, LogSink? log = null)
    {
        var settings = servers.Settings(database: "");
        settings["Services:auth:http:0"] = authUrl;
        settings["Auth:ApiKey"] = operatorKey;
        return new ProbeHost(await ServiceHost.StartAsync(
            "Gaia.Probe", "Production", settings, builder => builder.AddIdentity(options => options.AcceptInternalTokens = !edge), Map, clock, log: log));
    }

    /// <summary>Asks <c>/whoami</c> with an API key.</summary>
    public Task<Answer> AskAsync(string key) => AskAsync("/whoami", (CredentialExtractor.ApiKeyHeader, key));

    public async Task<Answer> AskAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _host.Client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, body, response.Headers.WwwAuthenticate.ToString());
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static void Map(WebApplication app)
    {
        app.MapGet("/whoami", (HttpContext context) => Results.Text(new JsonObject
        {
            ["user_id"] = context.User.UserId().ToString(),
            ["email"] = context.User.Caller().Email,
            ["api_key_id"] = context.User.Caller().ApiKeyId?.ToString(),
            ["scopes"] = string.Join(' ', context.User.Caller().Scopes),
            ["roles"] = string.Join(' ', context.User.Caller().Roles),
            ["internal_token"] = context.GetInternalToken(),
        }.ToJsonString())).RequireAuthorization();
        app.MapGet("/open", () => "open").AllowAnonymous();
        app.MapGet("/admin", [Authorize(Roles = "nobody")] () => "admin");
        app.MapGet("/may/{type}/{action}/{**path}", async (string type, string action, string? path, HttpContext context, PermissionStore permissions) =>
            Results.Text(await permissions.AllowsAsync(context.User, type, action, path, cancellationToken: context.RequestAborted) ? "yes" : "no")).RequireAuthorization();
        app.MapGet("/chats", () => "chats").RequirePermission("chat", "read");
        app.MapGet("/users", () => "users").RequirePermission("admin", "users");
        app.MapGet("/system", () => "system").RequirePermission("admin", "system");
    }
}

/// <param name="Challenge">The header <c>WWW-Authenticate</c>.</param>
internal sealed record Answer(HttpStatusCode Status, string Body, string Challenge)
{
    public string? this[string member] => (string?)JsonNode.Parse(Body)![member];
}
