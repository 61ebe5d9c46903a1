using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Tests.Infrastructure;

/// <summary>
/// A Supabase project: publishes its keys, makes tokens, answers the calls of GoTrue and of the database as a test says, and
/// remembers what it received.
/// </summary>
internal sealed class ScriptedGoTrue : IAsyncDisposable
{
    public const string AnonKey = "the-public-key-of-the-project";
    public const string ServiceKey = "the-key-for-servers";
    public const string Secret = "the-older-secret-of-the-project-that-signs";

    private readonly ConcurrentQueue<GoTrueRequest> _requests = new();
    private readonly ConcurrentDictionary<string, Func<GoTrueRequest, (int Status, string Body)>> _answers = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private ScriptedGoTrue(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public IReadOnlyList<GoTrueRequest> Requests => [.. _requests];

    /// <summary>What signs and is published.</summary>
    public List<SecurityKey> Keys { get; } = [EcKey("first")];

    /// <summary>What all calls come to from now on, instead of an answer; null for answers again.</summary>
    public RequestDelegate? Trouble { get; set; }

    public IEnumerable<(string, string?)> Settings => [("SUPABASE_URL", Url), ("SUPABASE_ANON_KEY", AnonKey), ("SUPABASE_SERVICE_KEY", ServiceKey), ("Auth:PasswordIterations", "1000")];

    public static async Task<ScriptedGoTrue> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(1));
        var app = builder.Build();
        var project = new ScriptedGoTrue(app);
        app.Run(project.AnswerAsync);
        await app.StartAsync();
        return project;
    }

    public int Count(string path) => Requests.Count(request => request.Target == path);

    /// <summary>Answers calls of this target, such as <c>/auth/v1/signup</c>.</summary>
    public void On(string target, int status, string body) => _answers[target] = _ => (status, body);

    public void On(string target, Func<GoTrueRequest, (int Status, string Body)> answer) => _answers[target] = answer;

    /// <summary>A session as the project writes it.</summary>
    public string Session(Guid user, string email, Guid session) => new JsonObject
    {
        ["access_token"] = Token(user, email, session),
        ["token_type"] = "bearer",
        ["expires_in"] = 3600,
        ["expires_at"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
        ["refresh_token"] = "a-refresh-token",
        ["user"] = JsonNode.Parse(User(user, email)),
    }.ToJsonString();

    public static string User(Guid user, string email, string? confirmedAt = "2025-07-28T09:30:00.123456Z") => new JsonObject
    {
        ["id"] = user.ToString(),
        ["aud"] = "authenticated",
        ["role"] = "authenticated",
        ["email"] = email,
        ["email_confirmed_at"] = confirmedAt,
        ["user_metadata"] = new JsonObject(),
    }.ToJsonString();

    /// <summary>A token as the project makes it, but for what a test changes.</summary>
    public string Token(
        Guid user, string? email, Guid? session = null, SigningCredentials? by = null, string? issuer = null, string audience = "authenticated",
        TimeSpan? endsIn = null, TimeSpan? beginsIn = null)
    {
        var claims = new Dictionary<string, object> { ["sub"] = user.ToString(), ["role"] = "authenticated" };
        if (email is not null)
            claims["email"] = email;
        if (session is not null)
            claims["session_id"] = session.Value.ToString();
        var now = DateTime.UtcNow;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? $"{Url}/auth/v1",
            Audience = audience,
            IssuedAt = now,
            NotBefore = beginsIn is { } begin ? now + begin : null,
            Expires = now + (endsIn ?? TimeSpan.FromHours(1)),
            Claims = claims,
            SigningCredentials = by ?? Credentials(Keys[^1]),
        });
    }

    public static SigningCredentials Credentials(SecurityKey key) => new(key, key switch
    {
        RsaSecurityKey => SecurityAlgorithms.RsaSha256,
        SymmetricSecurityKey => SecurityAlgorithms.HmacSha256,
        _ => SecurityAlgorithms.EcdsaSha256,
    });

    /// <summary>By the project's older secret.</summary>
    public static SigningCredentials BySecret(string secret = Secret) => Credentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)));

    public static SecurityKey EcKey(string id) => new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = id };

    public static SecurityKey RsaKey(string id) => new RsaSecurityKey(RSA.Create(2048)) { KeyId = id };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new GoTrueRequest(
            context.Request.Method,
            context.Request.Path + context.Request.QueryString,
            await reader.ReadToEndAsync(),
            context.Request.Headers["apikey"].ToString(),
            context.Request.Headers.Authorization.ToString());
        _requests.Enqueue(request);
        if (Trouble is { } trouble)
        {
            await trouble(context);
            return;
        }

        var (status, body) = request.Target == "/auth/v1/.well-known/jwks.json" ? (200, PublicKeys())
            : _answers.TryGetValue(request.Target, out var answer) ? answer(request)
            : (404, """{"code":404,"msg":"not scripted"}""");
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    private string PublicKeys()
    {
        var keys = Keys.Select(JsonNode (key) =>
        {
            if (key is RsaSecurityKey { Rsa: { } rsa })
            {
                var rsaKey = rsa.ExportParameters(includePrivateParameters: false);
                return new JsonObject { ["kty"] = "RSA", ["alg"] = "RS256", ["use"] = "sig", ["kid"] = key.KeyId, ["n"] = Base64UrlEncoder.Encode(rsaKey.Modulus), ["e"] = Base64UrlEncoder.Encode(rsaKey.Exponent) };
            }

            var point = ((ECDsaSecurityKey)key).ECDsa.ExportParameters(includePrivateParameters: false).Q;
            return new JsonObject
            {
                ["kty"] = "EC",
                ["crv"] = "P-256",
                ["alg"] = "ES256",
                ["use"] = "sig",
                ["kid"] = key.KeyId,
                ["x"] = Base64UrlEncoder.Encode(point.X),
                ["y"] = Base64UrlEncoder.Encode(point.Y),
            };
        }).ToArray();
        return new JsonObject { ["keys"] = new JsonArray(keys) }.ToJsonString();
    }
}

internal sealed record GoTrueRequest(string Method, string Target, string Body, string ApiKey, string Authorization);
