using System.Net;
using System.Net.Http.Json;
using System.Text;
using Gaia.Tests.Infrastructure;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Tests.Auth.Supabase;

/// <summary>Which tokens of a Supabase project count, and who they stand for.</summary>
[Collection(SharedServers.Name)]
public sealed class SupabaseTokenTests(NativeServers servers) : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private string _database = null!;
    private ScriptedGoTrue _project = null!;
    private AuthHost _auth = null!;

    public async Task InitializeAsync()
    {
        _project = await ScriptedGoTrue.StartAsync();
        _project.Keys.Add(ScriptedGoTrue.RsaKey("second"));
        _database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, _database, clock: _clock, settings: [.. _project.Settings, ("SUPABASE_JWT_SECRET", ScriptedGoTrue.Secret)]);
    }

    public async Task DisposeAsync()
    {
        await _auth.DisposeAsync();
        await _project.DisposeAsync();
    }

    [Fact]
    public async Task ES256_and_RS256_by_its_published_keys_and_HS256_by_its_secret_count()
    {
        foreach (var by in new[] { ScriptedGoTrue.Credentials(_project.Keys[0]), ScriptedGoTrue.Credentials(_project.Keys[1]), ScriptedGoTrue.BySecret() })
        {
            var (user, email) = (Guid.NewGuid(), UserRequests.NewEmail());
            var answer = await _auth.ExchangeAsync(_project.Token(user, email, Guid.NewGuid(), by));
            Assert.Equal(("jwt", user.ToString(), email), ((string?)answer["auth_type"], (string?)answer["user_id"], (string?)answer["email"]));
        }
    }

    [Fact]
    public async Task The_legacy_systems_tokens_of_the_secret_count_without_an_issuer()
    {
        foreach (var issuer in new[] { "", _project.Url })
            Assert.True(await _auth.CountsAsync(_project.Token(Guid.NewGuid(), UserRequests.NewEmail(), by: ScriptedGoTrue.BySecret(), issuer: issuer)));
    }

    [Fact]
    public async Task Tokens_that_are_not_exactly_right_do_not_count()
    {
        var (user, email) = (Guid.NewGuid(), UserRequests.NewEmail());
        var good = _project.Token(user, email).Split('.');
        var first = ScriptedGoTrue.Credentials(_project.Keys[0]);
        var ec = ((ECDsaSecurityKey)_project.Keys[0]).ECDsa;
        var publicKey = Encoding.UTF8.GetBytes(ec.ExportSubjectPublicKeyInfoPem());
        var point = ec.ExportParameters(includePrivateParameters: false).Q;
        string Unsigned(string alg, string signature) => $"{Base64UrlEncoder.Encode($$"""{"alg":"{{alg}}","typ":"JWT","kid":"first"}""")}.{good[1]}.{signature}";

        (string Why, string Token)[] tokens =
        [
            ("alg none", Unsigned("none", "")),
            ("alg none with a signature", Unsigned("none", good[2])),
            ("alg in another case", Unsigned("hs256", good[2])),
            ("an RSA signature called ES256", Unsigned("ES256", good[2])),
            ("a public key as the secret", _project.Token(user, email, by: new SigningCredentials(new SymmetricSecurityKey(publicKey) { KeyId = "first" }, "HS256"))),
            ("a public point as the secret", _project.Token(user, email, by: new SigningCredentials(new SymmetricSecurityKey([.. point.X!, .. point.Y!]) { KeyId = "first" }, "HS256"))),
            ("another secret", _project.Token(user, email, by: ScriptedGoTrue.BySecret("another-secret-of-forty-letters-or-so-more"))),
            ("another key of the same id", _project.Token(user, email, by: ScriptedGoTrue.Credentials(ScriptedGoTrue.EcKey("first")))),
            ("an unknown key id", _project.Token(user, email, by: ScriptedGoTrue.Credentials(ScriptedGoTrue.EcKey("unknown")))),
            ("another issuer", _project.Token(user, email, by: first, issuer: "https://elsewhere.example/auth/v1")),
            ("no issuer, by a published key", _project.Token(user, email, by: first, issuer: "")),
            ("another issuer, by the secret", _project.Token(user, email, by: ScriptedGoTrue.BySecret(), issuer: "https://elsewhere.example/auth/v1")),
            ("another audience", _project.Token(user, email, by: first, audience: "anon")),
            ("another audience, by the secret", _project.Token(user, email, by: ScriptedGoTrue.BySecret(), audience: "gaia-internal")),
            ("expired", _project.Token(user, email, by: first, endsIn: TimeSpan.FromMinutes(-1))),
            ("expired, by the secret", _project.Token(user, email, by: ScriptedGoTrue.BySecret(), endsIn: TimeSpan.FromMinutes(-1))),
            ("not yet", _project.Token(user, email, by: first, beginsIn: TimeSpan.FromMinutes(1))),
            ("not yet, by the secret", _project.Token(user, email, by: ScriptedGoTrue.BySecret(), beginsIn: TimeSpan.FromMinutes(1))),
            ("changed", $"{good[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(good[1]).Replace(user.ToString(), Guid.NewGuid().ToString(), StringComparison.Ordinal))}.{good[2]}"),
        ];
        foreach (var (why, token) in tokens)
            Assert.False(await _auth.CountsAsync(token), why);
        Assert.Equal(0L, await QueryAsync<long>("SELECT count(*) FROM auth_identities"));
        Assert.True(await _auth.CountsAsync(string.Join('.', good)));
    }

    [Fact]
    public async Task Without_the_secret_HS256_does_not_count()
    {
        await using var auth = await AuthHost.StartAsync(servers, _database, settings: [.. _project.Settings]);

        Assert.False(await auth.CountsAsync(_project.Token(Guid.NewGuid(), null, by: ScriptedGoTrue.BySecret())));
        Assert.True(await auth.CountsAsync(_project.Token(Guid.NewGuid(), null)));
    }

    [Fact]
    public async Task A_new_key_is_fetched_once_and_an_invented_key_id_does_not_make_every_request_a_fetch()
    {
        const string keys = "/auth/v1/.well-known/jwks.json";
        Assert.True(await _auth.CountsAsync(_project.Token(Guid.NewGuid(), null)));
        _clock.Advance(TimeSpan.FromSeconds(6));
        _project.Keys.Add(ScriptedGoTrue.EcKey("third"));
        Assert.True(await _auth.CountsAsync(_project.Token(Guid.NewGuid(), null)));

        var before = _project.Count(keys);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _auth.CountsAsync(_project.Token(Guid.NewGuid(), null, by: ScriptedGoTrue.Credentials(ScriptedGoTrue.EcKey($"invented {i}"))))));
        Assert.InRange(_project.Count(keys) - before, 0, 1);
    }

    [Fact]
    public async Task While_the_project_is_away_known_keys_count_and_unknown_ones_are_an_outage()
    {
        Assert.True(await _auth.CountsAsync(_project.Token(Guid.NewGuid(), null)));
        _project.Trouble = static context =>
        {
            context.Response.StatusCode = 502;
            return Task.CompletedTask;
        };
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.True(await _auth.CountsAsync(_project.Token(Guid.NewGuid(), null)));
        using var answer = await _auth.AsService.PostAsJsonAsync("/internal/validate", new { token = _project.Token(Guid.NewGuid(), null, by: ScriptedGoTrue.Credentials(ScriptedGoTrue.EcKey("unknown"))) });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task A_user_who_is_in_no_table_is_made_with_the_id_of_the_subject_however_many_ask_at_once()
    {
        var (user, email) = (Guid.NewGuid(), UserRequests.NewEmail());
        var token = _project.Token(user, email);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _auth.ExchangeAsync(token)));

        Assert.All(answers, answer => Assert.Equal(user.ToString(), (string?)answer["user_id"]));
        Assert.Equal(email, await QueryAsync<string>($"SELECT email FROM users WHERE id = '{user}'"));
        Assert.Equal(1L, await QueryAsync<long>("SELECT count(*) FROM auth_identities"));
    }

    [Theory]
    [InlineData("nothing", true, true)]
    [InlineData("nothing", false, false)]
    [InlineData("key", true, false)]
    [InlineData("account", true, false)]
    [InlineData("identity", true, false)]
    [InlineData("role", true, false)]
    public async Task A_row_with_the_same_address_is_linked_only_when_the_address_is_confirmed_and_nothing_else_stands_on_it(string stands, bool isConfirmed, bool isLinked)
    {
        var (holder, user, email) = (Guid.NewGuid(), Guid.NewGuid(), UserRequests.NewEmail());
        await NativeServers.ExecuteAsync(_database, $"INSERT INTO users (id, email) VALUES ('{holder}', '{email}')");
        await NativeServers.ExecuteAsync(_database, stands switch
        {
            "key" => $"INSERT INTO api_keys (user_id, key_hash) VALUES ('{holder}', '{holder:N}')",
            "account" => $"INSERT INTO auth_accounts (id, user_id, email, password_hash, created_at, updated_at) VALUES ('{holder}', '{holder}', '{email}', 'x', now(), now())",
            "identity" => $"INSERT INTO auth_identities VALUES ('supabase', '{Guid.NewGuid()}', '{holder}', now())",
            // Everybody has the common one.
            "role" => $"INSERT INTO user_roles (user_id, role_id) SELECT '{holder}', id FROM roles WHERE name = 'admin'",
            _ => "SELECT 1",
        });
        _project.On("/auth/v1/user", 200, ScriptedGoTrue.User(user, email, isConfirmed ? "2025-07-28T09:30:00Z" : null));

        var answer = await _auth.ExchangeAsync(_project.Token(user, email.ToUpperInvariant()));

        Assert.Equal((isLinked ? holder : user).ToString(), (string?)answer["user_id"]);
        Assert.Equal(isLinked ? email : null, (string?)answer["email"]);
        Assert.Equal((string?)answer["user_id"], (string?)(await _auth.ExchangeAsync(_project.Token(user, email)))["user_id"]);
    }

    [Fact]
    public async Task While_the_project_cannot_say_whether_an_address_is_confirmed_the_user_waits()
    {
        var (holder, user, email) = (Guid.NewGuid(), Guid.NewGuid(), UserRequests.NewEmail());
        await NativeServers.ExecuteAsync(_database, $"INSERT INTO users (id, email) VALUES ('{holder}', '{email}')");
        _project.On("/auth/v1/user", 500, "{}");
        using (var answer = await _auth.AsService.PostAsJsonAsync("/internal/validate", new { token = _project.Token(user, email) }))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);

        _project.On("/auth/v1/user", 200, ScriptedGoTrue.User(user, email));
        Assert.Equal(holder.ToString(), (string?)(await _auth.ExchangeAsync(_project.Token(user, email)))["user_id"]);
    }

    private Task<T?> QueryAsync<T>(string sql) => NativeServers.QueryAsync<T>(_database, sql);
}
