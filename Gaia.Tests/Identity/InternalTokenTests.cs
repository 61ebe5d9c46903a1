using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Services;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Tests.Identity;

/// <summary>What a service takes for an internal token: only what Auth has signed, as it has signed it.</summary>
[Collection(SharedServers.Name)]
public sealed class InternalTokenTests(InternalTokenTests.Hosts hosts, NativeServers servers) : IClassFixture<InternalTokenTests.Hosts>
{
    private AuthHost Auth => hosts.Auth;

    private SigningCredentials Current => CurrentOf(Auth);

    [Fact]
    public async Task Everything_a_token_carries_reaches_the_service()
    {
        var caller = new Caller(Guid.NewGuid(), "a@example.test", "user_api_key", Guid.NewGuid(), ["admin"], ["kb:read", "kb:write"], ["team"], ["workspace"]);
        var token = Auth.Services.GetRequiredService<InternalTokenIssuer>().Issue(caller, notAfter: null);

        var answer = await AskAsync(token.Value);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal((caller.UserId.ToString(), caller.Email, caller.ApiKeyId.ToString(), "kb:read kb:write"), (answer["user_id"], answer["email"], answer["api_key_id"], answer["scopes"]));
        Assert.InRange(token.ExpiresAt - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(4.9), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_token_ends_with_the_credential_it_stands_for()
    {
        var caller = new Caller(Guid.NewGuid(), null, "jwt", null, [], [], [], []);
        var token = Auth.Services.GetRequiredService<InternalTokenIssuer>().Issue(caller, DateTimeOffset.UtcNow.AddSeconds(20));

        Assert.InRange(token.ExpiresAt - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(18), TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(token.Value)).Status);
    }

    [Fact]
    public async Task A_properly_made_token_is_accepted() => Assert.Equal(HttpStatusCode.OK, (await AskAsync(Make())).Status);

    [Fact]
    public async Task Another_issuer_is_refused() => await AssertRefusedAsync(Make(issuer: "gaia-auth2"));

    [Fact]
    public async Task Another_audience_is_refused() => await AssertRefusedAsync(Make(audience: "authenticated"));

    [Fact]
    public async Task A_token_known_to_be_for_one_audience_is_for_no_other()
    {
        var reader = Auth.Services.GetRequiredService<SignedTokenReader>();
        var token = Make();

        Assert.NotNull(await ReadAsync(InternalTokenClaims.Audience));
        Assert.Null(await ReadAsync(ServiceTokenClaims.Audience));
        Assert.NotNull(await ReadAsync(InternalTokenClaims.Audience));

        async Task<JsonWebToken?> ReadAsync(string audience) => await reader.ReadAsync(token, InternalTokenClaims.Issuer, audience, CancellationToken.None);
    }

    [Fact]
    public async Task An_expired_token_is_refused() => await AssertRefusedAsync(Make(from: -600, until: -60));

    [Fact]
    public async Task A_token_of_the_future_is_refused() => await AssertRefusedAsync(Make(from: 60, until: 600));

    [Fact]
    public async Task A_token_of_nobody_is_refused() => await AssertRefusedAsync(Make(subject: "nobody"));

    [Fact]
    public async Task Another_key_under_a_known_id_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await AssertRefusedAsync(Make(credentials: new SigningCredentials(new ECDsaSecurityKey(other) { KeyId = Current.Key.KeyId }, SecurityAlgorithms.EcdsaSha256)));
    }

    [Fact]
    public async Task An_unknown_key_id_is_refused_and_does_not_fetch_the_keys_each_time()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var started = DateTimeOffset.UtcNow;
        for (var i = 0; i < 20; i++)
            await AssertRefusedAsync(Make(credentials: new SigningCredentials(new ECDsaSecurityKey(other) { KeyId = $"unknown-{i}" }, SecurityAlgorithms.EcdsaSha256)));
        Assert.True(DateTimeOffset.UtcNow - started < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_token_without_signature_is_refused()
    {
        var parts = Make().Split('.');
        foreach (var header in new[] { """{"alg":"none","typ":"JWT"}""", $$"""{"alg":"none","kid":"{{Current.Key.KeyId}}"}""" })
        {
            await AssertRefusedAsync($"{Base64UrlEncoder.Encode(header)}.{parts[1]}.");
            await AssertRefusedAsync($"{Base64UrlEncoder.Encode(header)}.{parts[1]}.{parts[2]}");
        }
    }

    [Fact]
    public async Task The_public_key_as_a_shared_secret_is_refused()
    {
        var document = await Auth.Client.GetStringAsync("/.well-known/jwks.json");
        var parts = Make().Split('.');
        foreach (var secret in new[] { document, new JsonWebKeySet(document).Keys[0].X })
        {
            var body = $"{Base64UrlEncoder.Encode($$"""{"alg":"HS256","typ":"JWT","kid":"{{Current.Key.KeyId}}"}""")}.{parts[1]}";
            var signature = Base64UrlEncoder.Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));
            await AssertRefusedAsync($"{body}.{signature}");
        }
    }

    [Fact]
    public async Task A_changed_token_is_refused()
    {
        var parts = Make().Split('.');
        var payload = Base64UrlEncoder.Decode(parts[1]).Replace(InternalTokenClaims.AuthType, "auth_typo", StringComparison.Ordinal);
        await AssertRefusedAsync($"{parts[0]}.{Base64UrlEncoder.Encode(payload)}.{parts[2]}");
        await AssertRefusedAsync($"{parts[0]}.{parts[1]}.{parts[2][1..]}A");
    }

    [Fact]
    public async Task A_known_token_and_known_keys_outlast_Auth()
    {
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        await using var service = await ProbeHost.StartAsync(servers, auth.Url, edge: false);
        var (seen, unseen) = (Make(credentials: CurrentOf(auth)), Make(subject: Guid.NewGuid().ToString(), credentials: CurrentOf(auth)));
        await AskAsync(seen, service);
        await auth.DisposeAsync();

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(seen, service)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(unseen, service)).Status);
    }

    private async Task AssertRefusedAsync(string token)
    {
        var answer = await AskAsync(token);
        Assert.Equal((HttpStatusCode.Unauthorized, """{"detail":"Not authenticated. Provide a valid JWT or API Key."}"""), (answer.Status, answer.Body));
    }

    private Task<Answer> AskAsync(string token, ProbeHost? service = null) => (service ?? hosts.Service).AskAsync("/whoami", ("Authorization", $"Bearer {token}"));

    private static SigningCredentials CurrentOf(AuthHost auth) => auth.Services.GetRequiredService<SigningKeys>().Current;

    private string Make(
        string issuer = InternalTokenClaims.Issuer,
        string audience = InternalTokenClaims.Audience,
        string? subject = null,
        int from = 0,
        int until = 300,
        SigningCredentials? credentials = null)
    {
        var now = DateTime.UtcNow;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = now.AddSeconds(from),
            Expires = now.AddSeconds(until),
            Claims = new Dictionary<string, object>
            {
                [InternalTokenClaims.Subject] = subject ?? "11111111-2222-3333-4444-555555555555",
                [InternalTokenClaims.AuthType] = "jwt",
            },
            SigningCredentials = credentials ?? Current,
        });
    }

    /// <summary>One Auth and one service for all tests of this class.</summary>
    public sealed class Hosts(NativeServers servers) : IAsyncLifetime
    {
        internal AuthHost Auth { get; private set; } = null!;

        internal ProbeHost Service { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
            Service = await ProbeHost.StartAsync(servers, Auth.Url, edge: false);
        }

        public async Task DisposeAsync()
        {
            await Service.DisposeAsync();
            await Auth.DisposeAsync();
        }
    }
}
