using System.Net;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Identity;

/// <summary>The authentication of a service, with a real Auth behind it.</summary>
[Collection(SharedServers.Name)]
public sealed class AuthenticationTests(AuthFixture shared, NativeServers servers) : IClassFixture<AuthFixture>, IAsyncLifetime
{
    private const string NotAuthenticated = """{"detail":"Not authenticated. Provide a valid JWT or API Key."}""";
    private const string NotValidated = """{"detail":"Could not validate credentials"}""";
    private const string UserJwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiaXNzIjoic29tZW9uZSJ9.c2lnbmF0dXJl";

    private readonly AuthHost _auth = shared.Auth;
    private readonly int _exchangesBefore = shared.Auth.Exchanges;
    private readonly ShiftedClock _clock = new();
    private ProbeHost _probe = null!;

    /// <summary>How many credentials Auth was asked about during this test.</summary>
    private int Exchanges => _auth.Exchanges - _exchangesBefore;

    public async Task InitializeAsync() => _probe = await ProbeHost.StartAsync(servers, _auth.Url, clock: _clock);

    public async Task DisposeAsync() => await _probe.DisposeAsync();

    [Theory]
    [InlineData("X-API-Key", "{0}")]
    [InlineData("Authorization", "Bearer {0}")]
    [InlineData("authorization", "bearer {0}")]
    public async Task A_key_is_accepted_in_every_header_form(string header, string form)
    {
        var key = await _auth.CreateKeyAsync(expiresAt: null, "kb:read", "chat:create");

        var answer = await _probe.AskAsync("/whoami", (header, string.Format(null, form, key.Secret)));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(key.Row.UserId.ToString(), answer["user_id"]);
        Assert.Equal(key.Row.Id.ToString(), answer["api_key_id"]);
        Assert.Equal("kb:read chat:create", answer["scopes"]);
        Assert.EndsWith("@example.test", answer["email"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_development_key_is_accepted_in_Development()
    {
        var answer = await _probe.AskAsync(AuthHost.DevelopmentKey);

        Assert.Equal("dev@gaia.local", answer["email"]);
        Assert.Equal(("", "user admin super_admin"), (answer["scopes"], answer["roles"]));
    }

    [Fact]
    public async Task An_invalid_jwt_falls_back_to_the_key()
    {
        var answer = await _probe.AskAsync("/whoami", ("Authorization", $"Bearer {UserJwt}"), ("X-API-Key", AuthHost.DevelopmentKey));

        Assert.Equal("dev@gaia.local", answer["email"]);
    }

    [Fact]
    public async Task No_credential_and_an_invalid_jwt_are_not_authenticated()
    {
        foreach (var headers in new (string, string)[][] { [], [("Authorization", $"Bearer {UserJwt}")], [("X-API-Key", UserJwt)] })
        {
            var answer = await _probe.AskAsync("/whoami", headers);
            Assert.Equal((HttpStatusCode.Unauthorized, NotAuthenticated, "Bearer"), (answer.Status, answer.Body, answer.Challenge));
        }
    }

    public static TheoryData<string> KeysOfNoAcceptedForm => new()
    {
        "garbage",
        new string('k', 10 * 1024),
        "' OR '1'='1' --",
        "' OR '1'='1'; DROP TABLE users; --",
        "\"quoted\"",
        "gaia_sk_0000000000000000000000000000000000000000000",
        "gaia_sk_000000000000000000000000000000000000000000000000",
    };

    [Theory]
    [MemberData(nameof(KeysOfNoAcceptedForm))]
    public async Task A_key_of_no_accepted_form_costs_no_exchange_and_no_query(string key)
    {
        var lookUps = await CountLookUpsAsync();
        var before = await servers.CountStatementsAsync(Credential.Hash(key));

        foreach (var header in new[] { ("X-API-Key", key), ("Authorization", $"Bearer {key}") })
        {
            var answer = await _probe.AskAsync("/whoami", header);
            Assert.Equal((HttpStatusCode.Unauthorized, NotValidated), (answer.Status, answer.Body));
        }

        Assert.Equal(0, Exchanges);
        Assert.Equal(lookUps, await CountLookUpsAsync());
        Assert.Equal(before, await servers.CountStatementsAsync(Credential.Hash(key)));

        // One of an accepted form is counted by the same means.
        await _probe.AskAsync(ApiKeyFormat.Generate());
        Assert.Equal((1, lookUps + 1), (Exchanges, await CountLookUpsAsync()));
    }

    [Fact]
    public async Task An_unknown_key_costs_one_query_and_is_then_remembered()
    {
        var key = ApiKeyFormat.Generate();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _probe.AskAsync(key)));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.Unauthorized, NotValidated), (answer.Status, answer.Body)));
        await _probe.AskAsync("/whoami", ("Authorization", $"Bearer {key}"));

        Assert.Equal(1, Exchanges);
        Assert.Equal(1, await servers.CountStatementsAsync(Credential.Hash(key)));

        _clock.Advance(TimeSpan.FromSeconds(11));
        await _probe.AskAsync(key);
        Assert.Equal(2, Exchanges);
    }

    [Fact]
    public async Task Parallel_first_uses_make_one_exchange()
    {
        var key = await _auth.CreateKeyAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _probe.AskAsync(key.Secret)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(1, Exchanges);
    }

    [Fact]
    public async Task A_credential_is_confirmed_again_after_30_seconds()
    {
        var key = await _auth.CreateKeyAsync();
        await _probe.AskAsync(key.Secret);
        _clock.Advance(TimeSpan.FromSeconds(25));
        await _probe.AskAsync(key.Secret);
        Assert.Equal(1, Exchanges);

        _clock.Advance(TimeSpan.FromSeconds(6));
        await _probe.AskAsync(key.Secret);
        Assert.Equal(2, Exchanges);
    }

    [Fact]
    public async Task Another_process_finds_the_exchange_in_Redis()
    {
        await using var second = await ProbeHost.StartAsync(servers, _auth.Url);

        // Again, because both connect to Redis beside their start.
        await Eventually.TrueAsync(async () =>
        {
            var key = await _auth.CreateKeyAsync();
            var before = Exchanges;
            Assert.Equal(HttpStatusCode.OK, (await _probe.AskAsync(key.Secret)).Status);
            Assert.Equal(HttpStatusCode.OK, (await second.AskAsync(key.Secret)).Status);
            return Exchanges == before + 1;
        });
    }

    [Fact]
    public async Task A_revoked_key_is_refused_within_a_second()
    {
        var key = await _auth.CreateKeyAsync();
        Assert.Equal(HttpStatusCode.OK, (await _probe.AskAsync(key.Secret)).Status);

        Assert.True(await _auth.RevokeAsync(key));

        await Eventually.TrueAsync(async () => (await _probe.AskAsync(key.Secret)).Status == HttpStatusCode.Unauthorized, seconds: 1);
        Assert.False(await _auth.RevokeAsync(key));
    }

    [Fact]
    public async Task A_caller_without_the_role_is_refused_in_the_contracts_shape()
    {
        var answer = await _probe.AskAsync("/admin", ("X-API-Key", AuthHost.DevelopmentKey));

        Assert.Equal((HttpStatusCode.Forbidden, """{"detail":"Not enough permissions"}"""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task The_internal_token_serves_a_service_but_not_the_edge()
    {
        await using var service = await ProbeHost.StartAsync(servers, _auth.Url, edge: false);
        var token = (await _probe.AskAsync(AuthHost.DevelopmentKey))["internal_token"];
        var exchanges = Exchanges;

        foreach (var header in new[] { ("Authorization", $"Bearer {token}"), ("X-API-Key", token!) })
        {
            var atService = await service.AskAsync("/whoami", header);
            Assert.Equal(("dev@gaia.local", token), (atService["email"], atService["internal_token"]));
            var atEdge = await _probe.AskAsync("/whoami", header);
            Assert.Equal((HttpStatusCode.Unauthorized, NotAuthenticated), (atEdge.Status, atEdge.Body));
        }

        Assert.Equal(exchanges, Exchanges);
    }

    [Fact]
    public async Task No_credential_and_no_token_reaches_a_log()
    {
        using var log = new LogSink();
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), log: log);
        await using var probe = await ProbeHost.StartAsync(servers, auth.Url, log: log);
        var (good, revoked, unknown) = (await auth.CreateKeyAsync(), await auth.CreateKeyAsync(), ApiKeyFormat.Generate());
        await auth.RevokeAsync(revoked);

        var token = (await probe.AskAsync(good.Secret))["internal_token"]!;
        string[] secrets = [good.Secret, revoked.Secret, unknown, UserJwt, token, AuthHost.EncryptionKey, "garbage-canary"];
        foreach (var secret in secrets)
        {
            await probe.AskAsync(secret);
            await probe.AskAsync("/whoami", ("Authorization", $"Bearer {secret}"));
        }

        await auth.DisposeAsync();
        foreach (var secret in secrets)
            await probe.AskAsync("/admin", ("X-API-Key", secret));

        Assert.True(log.Lines.Count > 100);
        Assert.All(secrets, secret => Assert.DoesNotContain(log.Lines, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_operators_key_is_accepted_where_it_is_configured()
    {
        const string key = "operator.key/of+any=form";
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), settings: ("Auth:ApiKey", key));
        await using var edge = await ProbeHost.StartAsync(servers, auth.Url, operatorKey: key);

        Assert.Equal(HttpStatusCode.OK, (await edge.AskAsync(key)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await edge.AskAsync(key + "x")).Status);
    }

    /// <summary>How many times any key was looked up so far. Beside it Auth writes down when keys were last used.</summary>
    private Task<int> CountLookUpsAsync() => servers.CountStatementsAsync("FROM api_keys AS ");
}
