using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gaia.Tests.Auth;

[Collection(SharedServers.Name)]
public sealed class ExchangeTests(NativeServers servers) : IAsyncLifetime
{
    private string _database = null!;
    private AuthHost _auth = null!;

    public async Task InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, _database);
    }

    public async Task DisposeAsync() => await _auth.DisposeAsync();

    [Fact]
    public async Task A_key_is_exchanged_for_an_internal_token()
    {
        var key = await _auth.CreateKeyAsync(expiresAt: null, "kb:read");

        var answer = await ExchangeAsync(new { api_key = key.Secret });

        Assert.Equal("user_api_key", (string?)answer["auth_type"]);
        Assert.Equal(key.Row.UserId.ToString(), (string?)answer["user_id"]);
        Assert.Equal(key.Row.Id.ToString(), (string?)answer["api_key_id"]);
        var token = new JsonWebToken((string)answer["internal_token"]!);
        Assert.Equal(("ES256", InternalTokenClaims.Issuer, key.Row.UserId.ToString()), (token.Alg, token.Issuer, token.Subject));
        Assert.Equal([InternalTokenClaims.Audience], token.Audiences);
        Assert.Equal(TimeSpan.FromMinutes(5), token.ValidTo - token.ValidFrom);
    }

    [Fact]
    public async Task A_key_is_stored_as_its_hash_alone()
    {
        var key = await _auth.CreateKeyAsync();

        Assert.Equal(0, await servers.CountStatementsAsync(key.Secret));
        Assert.Equal(Credential.Hash(key.Secret), await QueryAsync<string>($"SELECT key_hash FROM api_keys WHERE id = '{key.Row.Id}'"));
        Assert.Equal(key.Secret[..12], await QueryAsync<string>($"SELECT key_prefix FROM api_keys WHERE id = '{key.Row.Id}'"));
    }

    [Fact]
    public async Task An_exchange_is_one_query_and_the_last_use_is_written_later()
    {
        var key = await _auth.CreateKeyAsync();
        var before = await servers.CountStatementsAsync(key.Row.KeyHash);

        await ExchangeAsync(new { api_key = key.Secret });

        Assert.Equal(before + 1, await servers.CountStatementsAsync(key.Row.KeyHash));
        for (var i = 0; await QueryAsync<DateTime?>($"SELECT last_used_at FROM api_keys WHERE id = '{key.Row.Id}'") is null; i++)
        {
            Assert.True(i < 80, "The last use is not written.");
            await Task.Delay(100);
        }
    }

    [Fact]
    public async Task A_key_ends_when_it_expires_and_so_does_its_token()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(90);
        var soon = await ExchangeAsync(new { api_key = (await _auth.CreateKeyAsync(end)).Secret });
        Assert.InRange((DateTimeOffset)soon["expires_at"]!, end.AddSeconds(-1.1), end);

        var expired = await _auth.CreateKeyAsync(DateTimeOffset.UtcNow.AddSeconds(-1));
        await AssertRefusedAsync(new { api_key = expired.Secret }, "Invalid API key");
    }

    [Fact]
    public async Task A_revoked_key_of_another_user_stays_as_it_is()
    {
        var (own, other) = (await _auth.CreateKeyAsync(), await _auth.CreateKeyAsync());

        Assert.False(await _auth.WithAsync<Gaia.Auth.ApiKeys.ApiKeyStore, bool>(store => store.RevokeAsync(own.Row.UserId, other.Row.Id, CancellationToken.None)));
        Assert.True((bool)(await ExchangeAsync(new { api_key = other.Secret }))["valid"]!);
    }

    [Fact]
    public async Task What_cannot_be_a_key_costs_no_query()
    {
        var garbage = $"garbage-{Guid.NewGuid()}";
        var odd = $"'; DROP TABLE users; -- {Guid.NewGuid()}";
        var misspelt = ApiKeyFormat.Generate()[..^1] + "-";
        foreach (var key in new[] { garbage, odd, misspelt })
        {
            await AssertRefusedAsync(new { api_key = key }, "Invalid API key");
            Assert.Equal(0, await servers.CountStatementsAsync(Credential.Hash(key)));
        }
    }

    [Fact]
    public async Task Nothing_presented_and_any_user_token_are_refused()
    {
        await AssertRefusedAsync(new { }, "No valid authentication credentials provided");
        await AssertRefusedAsync(new { api_key = "" }, "No valid authentication credentials provided");
        await AssertRefusedAsync(new { token = "a.b.c" }, "Invalid or expired token");
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_a_client_error()
    {
        using var response = await _auth.AsService.PostAsync("/internal/validate", new StringContent("{", null, "application/json"));
        Assert.InRange((int)response.StatusCode, 400, 499);
    }

    [Fact]
    public async Task Without_PostgreSQL_it_is_an_outage_not_a_refusal()
    {
        var key = await _auth.CreateKeyAsync();
        await servers.Postgres.StopAsync();
        try
        {
            using var response = await _auth.AsService.PostAsJsonAsync("/internal/validate", new { api_key = key.Secret }).WaitAsync(TimeSpan.FromSeconds(5));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            using var keys = await _auth.Client.GetAsync("/.well-known/jwks.json");
            Assert.Equal(HttpStatusCode.OK, keys.StatusCode);
        }
        finally
        {
            await servers.Postgres.StartAsync();
        }
    }

    [Fact]
    public async Task Outside_Development_the_development_key_is_refused_even_when_it_is_in_the_database()
    {
        Assert.True((bool)(await ExchangeAsync(new { api_key = AuthHost.DevelopmentKey }))["valid"]!);
        Assert.Equal(Gaia.Auth.ApiKeys.DevelopmentKey.Hash, Credential.Hash(AuthHost.DevelopmentKey));

        await using var production = await AuthHost.StartAsync(servers, _database, environment: "Production");
        using var response = await production.AsService.PostAsJsonAsync("/internal/validate", new { api_key = AuthHost.DevelopmentKey });

        Assert.False((bool)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["valid"]!);
    }

    [Fact]
    public async Task Outside_Development_no_development_user_is_made()
    {
        var database = await servers.CreateDatabaseAsync();
        await using var production = await AuthHost.StartAsync(servers, database, environment: "Production");

        Assert.Equal(0L, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM users"));
    }

    private async Task AssertRefusedAsync(object body, string error)
    {
        var answer = await ExchangeAsync(body);
        Assert.Equal($$"""{"valid":false,"error":"{{error}}"}""", answer.ToJsonString());
    }

    private async Task<JsonNode> ExchangeAsync(object body)
    {
        using var response = await _auth.AsService.PostAsJsonAsync("/internal/validate", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private Task<T?> QueryAsync<T>(string sql) => NativeServers.QueryAsync<T>(_database, sql);
}
