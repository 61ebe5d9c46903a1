using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Gaia.Auth.ApiKeys;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth;

/// <summary><c>/api/v1/auth/keys</c>, asked with real keys.</summary>
[Collection(SharedServers.Name)]
public sealed class ApiKeyRouteTests(NativeServers servers) : IAsyncLifetime
{
    private const string Keys = "/api/v1/auth/keys";

    private readonly ShiftedClock _clock = new();
    private string _database = "";
    private AuthHost _auth = null!;
    private string _key = "";

    public async Task InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, _database, clock: _clock, settings: [("Auth:Keys:RotateAfterDays", "90"), ("Auth:Keys:MaxPerUser", "4")]);
        _key = (await _auth.CreateKeyAsync()).Secret;
    }

    public async Task DisposeAsync() => await _auth.DisposeAsync();

    [Fact]
    public async Task A_key_is_shown_once_and_works_at_once()
    {
        var made = await AskAsync(HttpMethod.Post, "", """{"name":"Game server","scopes":["chat:create","chat:read"],"expires_in_days":30}""");

        Assert.Equal(HttpStatusCode.Created, made.Status);
        var secret = (string)made.Body!["key"]!;
        Assert.StartsWith("gaia_sk_", secret, StringComparison.Ordinal);
        Assert.Equal(("Game server", true), ((string?)made.Body["name"], (bool)made.Body["is_active"]!));
        Assert.StartsWith((string)made.Body["prefix"]!, secret, StringComparison.Ordinal);
        Assert.True(await CountsAsync(secret));

        var listed = await AskAsync(HttpMethod.Get, "");
        var one = await AskAsync(HttpMethod.Get, $"/{made.Body["id"]}");
        Assert.Equal((2, "Game server"), ((int)listed.Body!["total"]!, (string?)one.Body!["name"]));
        Assert.Equal("""["chat:create","chat:read"]""", one.Body["scopes"]!.ToJsonString());
        Assert.DoesNotContain(secret, listed.Body.ToJsonString() + one.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(0L, await NativeServers.QueryAsync<long>(_database, $"SELECT count(*) FROM api_keys WHERE api_keys::text LIKE '%{secret}%'"));
    }

    [Fact]
    public async Task A_packed_body_is_refused_by_the_name_of_its_encoding()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Keys) { Content = new StringContent("""{"name":"packed"}""", Encoding.UTF8, "application/json") };
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Headers.Add("X-API-Key", _key);

        using var refused = await _auth.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, refused.StatusCode);
        Assert.Contains("Content-Encoding: gzip", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_can_be_renamed()
    {
        var id = await IdAsync();

        var renamed = await AskAsync(HttpMethod.Patch, $"/{id}", """{"name":"  New name "}""");

        Assert.Equal((HttpStatusCode.OK, "New name"), (renamed.Status, (string?)renamed.Body!["name"]));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once()
    {
        var made = (await AskAsync(HttpMethod.Post, "", """{"name":"short"}""")).Body!;
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, "", key: (string)made["key"]!)).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await AskAsync(HttpMethod.Delete, $"/{made["id"]}")).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(HttpMethod.Get, "", key: (string)made["key"]!)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Delete, $"/{made["id"]}")).Status);
    }

    [Fact]
    public async Task An_expired_key_is_refused()
    {
        var made = (await AskAsync(HttpMethod.Post, "", $$"""{"name":"brief","expires_at":"{{_clock.GetUtcNow().AddMinutes(2):O}}"}""")).Body!;
        Assert.True(await CountsAsync((string)made["key"]!));

        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.False(await CountsAsync((string)made["key"]!));
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(HttpMethod.Get, "", key: (string)made["key"]!)).Status);
    }

    [Fact]
    public async Task A_rotated_key_counts_until_its_overlap_ends()
    {
        var former = (await AskAsync(HttpMethod.Post, "", """{"name":"rotating","scopes":["chat:create","keys:manage"]}""")).Body!;

        var answer = await AskAsync(HttpMethod.Post, $"/{former["id"]}/rotate", """{"overlap_seconds":120}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var made = answer.Body!["new"]!;
        Assert.Equal((string?)made["id"], (string?)answer.Body["rotated"]!["rotated_to"]);
        Assert.Equal(("rotating", """["chat:create","keys:manage"]"""), ((string?)made["name"], made["scopes"]!.ToJsonString()));
        Assert.True(await CountsAsync((string)former["key"]!));
        Assert.True(await CountsAsync((string)made["key"]!));
        Assert.Equal(HttpStatusCode.Conflict, (await AskAsync(HttpMethod.Post, $"/{former["id"]}/rotate")).Status);

        _clock.Advance(TimeSpan.FromSeconds(121));
        Assert.False(await CountsAsync((string)former["key"]!));
        Assert.True(await CountsAsync((string)made["key"]!));
    }

    [Fact]
    public async Task A_rotation_without_overlap_ends_the_old_key_at_once()
    {
        var former = (await AskAsync(HttpMethod.Post, "", """{"name":"leaked"}""")).Body!;
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, "", key: (string)former["key"]!)).Status);

        await AskAsync(HttpMethod.Post, $"/{former["id"]}/rotate", """{"overlap_seconds":0}""");

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(HttpMethod.Get, "", key: (string)former["key"]!)).Status);
    }

    [Fact]
    public async Task Two_rotations_at_once_make_one_new_key()
    {
        var id = await IdAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => AskAsync(HttpMethod.Post, $"/{id}/rotate")));

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], answers.Select(answer => answer.Status).Order());
        Assert.Equal(2, (int)(await AskAsync(HttpMethod.Get, "")).Body!["total"]!);
    }

    [Fact]
    public async Task The_policy_gives_old_keys_an_end_and_rotates_them_when_asked()
    {
        await NativeServers.ExecuteAsync(_database, "UPDATE api_keys SET created_at = created_at - interval '91 days'");
        Assert.True((bool)(await AskAsync(HttpMethod.Get, $"/{await IdAsync()}")).Body!["rotation_due"]!);

        await _auth.WithAsync<ApiKeyPolicy, bool>(async policy =>
        {
            await policy.MaintainAsync(CancellationToken.None);
            return true;
        });

        var due = (await AskAsync(HttpMethod.Get, $"/{await IdAsync()}")).Body!;
        Assert.Equal(_clock.GetUtcNow().AddDays(14).Date, DateTime.Parse((string)due["expires_at"]!, null).Date);
        var rotated = await AskAsync(HttpMethod.Post, "/rotate-due");
        Assert.True(await CountsAsync((string)rotated.Body!["rotated"]!.AsArray().Single()!["new"]!["key"]!));
        Assert.Empty((await AskAsync(HttpMethod.Post, "/rotate-due")).Body!["rotated"]!.AsArray());
    }

    [Fact]
    public async Task The_configured_and_the_development_key_are_not_rotated()
    {
        var list = await AskAsync(HttpMethod.Get, "", key: AuthHost.DevelopmentKey);
        var id = list.Body!["keys"]!.AsArray().Single()!["id"];

        Assert.Equal(HttpStatusCode.Conflict, (await AskAsync(HttpMethod.Post, $"/{id}/rotate", key: AuthHost.DevelopmentKey)).Status);
    }

    [Fact]
    public async Task Another_users_key_is_not_there()
    {
        var foreign = (await _auth.CreateKeyAsync()).Row.Id;

        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Get, $"/{foreign}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Patch, $"/{foreign}", """{"name":"mine"}""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Post, $"/{foreign}/rotate")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Delete, $"/{foreign}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Get, "/not-an-id")).Status);
    }

    [Fact]
    public async Task A_limited_credential_makes_no_wider_one()
    {
        var limited = (await _auth.CreateKeyAsync(expiresAt: null, "chat:create")).Secret;
        var managing = (await _auth.CreateKeyAsync(expiresAt: null, "chat:*", "keys:manage")).Secret;
        var ending = (await _auth.CreateKeyAsync(_clock.GetUtcNow().AddDays(1))).Secret;

        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Get, "", key: limited)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Post, "", """{"name":"wider"}""", managing)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Post, "", """{"name":"wider","scopes":["kb:read"]}""", managing)).Status);
        Assert.Equal(HttpStatusCode.Created, (await AskAsync(HttpMethod.Post, "", """{"name":"narrower","scopes":["chat:read"]}""", managing)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AskAsync(HttpMethod.Post, "", """{"name":"longer","expires_in_days":2}""", ending)).Status);
        Assert.NotNull((string?)(await AskAsync(HttpMethod.Post, "", """{"name":"as long"}""", ending)).Body!["expires_at"]);
    }

    [Fact]
    public async Task A_rotation_gives_nobody_more_than_the_credential_that_asks_for_it()
    {
        var id = await IdAsync();
        var owner = await NativeServers.QueryAsync<Guid>(_database, $"SELECT user_id FROM api_keys WHERE id = '{id}'");
        var admin = Gaia.ServiceDefaults.Identity.ApiKeyFormat.Generate();
        await NativeServers.ExecuteAsync(_database, $$"""
            INSERT INTO api_keys (id, user_id, key_hash, name, permissions) VALUES
                ('{{Guid.NewGuid()}}', '{{owner}}', '{{Gaia.ServiceDefaults.Identity.Credential.Hash(admin)}}', 'operator made', '{"admin": true}')
            """);
        var list = (await AskAsync(HttpMethod.Get, "")).Body!["keys"]!.AsArray();
        var adminId = (string)list.Single(key => (string?)key!["name"] == "operator made")!["id"]!;
        var limited = (string)(await AskAsync(HttpMethod.Post, "", """{"name":"limited","scopes":["keys:manage","chat:read"]}""")).Body!["key"]!;
        var brief = (string)(await AskAsync(HttpMethod.Post, "", """{"name":"brief","expires_in_days":1}""")).Body!["key"]!;

        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Post, $"/{id}/rotate", key: limited)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Post, $"/{id}/rotate", key: brief)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Post, $"/{adminId}/rotate")).Status);
        var due = (await AskAsync(HttpMethod.Post, "/rotate-due", """{"older_than_days":0}""", limited)).Body!["rotated"]!.AsArray();
        Assert.Equal(["limited"], due.Select(pair => (string?)pair!["new"]!["name"]));
        Assert.Equal(HttpStatusCode.Created, (await AskAsync(HttpMethod.Post, $"/{adminId}/rotate", key: admin)).Status);
    }

    [Theory]
    [InlineData("", "Send a JSON object as the body")]
    [InlineData("{}", "name is missing: say what the key is for")]
    [InlineData("""{"name":7}""", "name must be a string")]
    [InlineData("""{"name":"x","scopes":"chat:create"}""", "scopes must be a list of at most 50 names of the form resource:action, such as chat:create or kb:*")]
    [InlineData("""{"name":"x","scopes":["everything"]}""", "scopes must be a list of at most 50 names of the form resource:action, such as chat:create or kb:*")]
    [InlineData("""{"name":"x","expires_at":"soon"}""", "expires_at must be a time in ISO 8601, such as 2030-01-31T00:00:00Z")]
    [InlineData("""{"name":"x","expires_at":"12/31/2099"}""", "expires_at must be a time in ISO 8601, such as 2030-01-31T00:00:00Z")]
    [InlineData("""{"name":"x","expires_at":"2001-01-01T00:00:00Z"}""", "expires_at must be in the future")]
    [InlineData("""{"name":"x","expires_in_days":0}""", "expires_in_days must be a whole number from 1 to 36500")]
    [InlineData("""{"name":"x","expires_in_days":1,"expires_at":"2101-01-01T00:00:00Z"}""", "Send expires_at or expires_in_days, not both")]
    public async Task A_wrong_request_is_told_what_to_change(string body, string message)
    {
        var answer = await AskAsync(HttpMethod.Post, "", body);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, message), (answer.Status, (string?)answer.Body!["detail"]!.AsArray().Single()!["msg"]));
        Assert.Equal(1, (int)(await AskAsync(HttpMethod.Get, "")).Body!["total"]!);
    }

    [Fact]
    public async Task Nobody_has_more_keys_than_allowed_however_fast_they_are_made()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => AskAsync(HttpMethod.Post, "", $$"""{"name":"{{index}}"}""")));

        Assert.Equal(3, answers.Count(answer => answer.Status == HttpStatusCode.Created));
        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task What_happens_to_keys_is_in_the_audit_log_without_the_keys()
    {
        var made = (await AskAsync(HttpMethod.Post, "", """{"name":"audited"}""")).Body!;
        await AskAsync(HttpMethod.Patch, $"/{made["id"]}", """{"name":"renamed"}""");
        await AskAsync(HttpMethod.Post, $"/{made["id"]}/rotate");
        await AskAsync(HttpMethod.Delete, $"/{made["id"]}");

        Assert.Equal("key_created,key_renamed,key_rotated,key_revoked", await NativeServers.QueryAsync<string>(_database,
            $"SELECT string_agg(event_type, ',' ORDER BY event_timestamp, id) FROM permission_audit_log WHERE target_id = '{made["id"]}' AND ip_address IS NOT NULL"));
        Assert.Equal(0L, await NativeServers.QueryAsync<long>(_database, "SELECT count(*) FROM permission_audit_log AS entry WHERE entry::text LIKE '%gaia_sk_%'"));
    }

    private async Task<bool> CountsAsync(string key)
    {
        using var response = await _auth.AsService.PostAsJsonAsync("/internal/validate", new { api_key = key });
        return (bool)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["valid"]!;
    }

    private async Task<string> IdAsync() => (string)(await AskAsync(HttpMethod.Get, "")).Body!["keys"]![0]!["id"]!;

    private async Task<(HttpStatusCode Status, JsonNode? Body)> AskAsync(HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, Keys + path);
        request.Headers.Add("X-API-Key", key ?? _key);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _auth.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }
}
