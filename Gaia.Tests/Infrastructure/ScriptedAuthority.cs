using System.Collections.Concurrent;
using System.Net.Http.Json;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Infrastructure;

/// <summary>
/// Stands where a service looks for Auth, and knows the credentials that a test invents: who they stand for, with which roles
/// and limits, and that they may use every route. It signs with the keys of a real Auth, and passes everything else on to it.
/// </summary>
internal sealed class ScriptedAuthority : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Caller> _callers = new();
    private readonly AuthHost _auth;
    private readonly StubService _stub;
    private int _exchanges;

    private ScriptedAuthority(AuthHost auth, StubService stub)
    {
        (_auth, _stub) = (auth, stub);
        stub.Answer = AnswerAsync;
    }

    public string Url => _stub.Url;

    /// <summary>How many credentials it was asked about.</summary>
    public int Exchanges => Volatile.Read(ref _exchanges);

    /// <summary>Answers 503 to every exchange.</summary>
    public bool IsAway { get; set; }

    public static async Task<ScriptedAuthority> StartAsync(AuthHost auth) => new(auth, await StubService.StartAsync());

    /// <summary>A new API key of this user.</summary>
    public string CreateKey(Guid? user = null, RateLimit? limit = null, params string[] roles)
    {
        var key = ApiKeyFormat.Generate();
        _callers[key] = new Caller(user ?? Guid.NewGuid(), null, "user_api_key", Guid.NewGuid(), roles, [], [], []) { RateLimit = limit };
        return key;
    }

    /// <summary>A new token of this user.</summary>
    public string CreateJwt(Guid? user = null, params string[] roles)
    {
        var token = $"scripted.{Guid.NewGuid():N}.token";
        _callers[token] = new Caller(user ?? Guid.NewGuid(), null, "jwt", null, roles, [], [], []);
        return token;
    }

    public ValueTask DisposeAsync() => _stub.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/internal/validate")
        {
            await ExchangeAsync(context);
            return;
        }

        if (context.Request.Path.Value!.Split('/') is [_, "internal", "users", var user, "permissions"])
        {
            await context.Response.WriteAsJsonAsync(
                new UserPermissions(Guid.Parse(user), [], [], [], [new PermissionGrant("api", "access")]), PermissionsJson.Default.UserPermissions);
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path);
        if (context.Request.Headers[ServiceHeaders.Key] is { Count: > 0 } key)
            request.Headers.Add(ServiceHeaders.Key, key.ToString());
        if (context.Request.ContentType is not null)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        using var answer = await _auth.Client.SendAsync(request);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await answer.Content.CopyToAsync(context.Response.Body);
    }

    private async Task ExchangeAsync(HttpContext context)
    {
        Interlocked.Increment(ref _exchanges);
        if (IsAway)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var asked = await context.Request.ReadFromJsonAsync(IdentityJson.Default.ExchangeRequest);
        var answer = new ExchangeResponse(Valid: false, Error: "unknown");
        if (_callers.TryGetValue(asked!.ApiKey ?? asked.Token!, out var caller))
        {
            var token = _auth.Services.GetRequiredService<InternalTokenIssuer>().Issue(caller, notAfter: null);
            answer = new ExchangeResponse(Valid: true, caller.AuthType, caller.UserId, caller.ApiKeyId, InternalToken: token.Value, ExpiresAt: token.ExpiresAt);
        }

        await context.Response.WriteAsJsonAsync(answer, IdentityJson.Default.ExchangeResponse);
    }
}
