using System.Net;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Users;

/// <summary>Confirming an address, and what only a confirmed one may have.</summary>
[Collection(SharedServers.Name)]
public sealed class ConfirmationTests(NativeServers servers) : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private string _database = null!;
    private AuthHost _auth = null!;

    public async Task InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, _database, clock: _clock, settings: ("Auth:PasswordIterations", "1000"));
    }

    public async Task DisposeAsync() => await _auth.DisposeAsync();

    [Fact]
    public async Task The_mailed_token_confirms_the_address_once()
    {
        var user = await _auth.RegisterAsync();
        var token = await UserRequests.MailedTokenAsync(_database, user.Email);

        var (status, body) = await ConfirmAsync(token, user.Email.ToUpperInvariant());

        Assert.Equal((HttpStatusCode.OK, "Email confirmed successfully"), (status, (string?)body["message"]));
        Assert.Equal(user.UserId.ToString(), (string?)body["user"]!["id"]);
        Assert.NotNull(body["user"]!["email_confirmed_at"]);
        await AssertRefusedAsync(ConfirmAsync(token, user.Email), "Email is already confirmed");
        Assert.NotNull((await _auth.PostAsync("login", new { email = user.Email, password = UserRequests.Password })).Body["user"]!["email_confirmed_at"]);
        Assert.Equal(0, await servers.CountStatementsAsync($"'{token}'"));
    }

    [Fact]
    public async Task A_wrong_token_one_of_another_address_and_an_old_one_confirm_nothing()
    {
        var (user, other) = (await _auth.RegisterAsync(), await _auth.RegisterAsync());
        var token = await UserRequests.MailedTokenAsync(_database, user.Email);

        await AssertRefusedAsync(ConfirmAsync("wrong", user.Email), "Confirmation link is expired or invalid");
        await AssertRefusedAsync(ConfirmAsync(token, other.Email), "Confirmation link is expired or invalid");
        _clock.Advance(TimeSpan.FromHours(25));
        await AssertRefusedAsync(ConfirmAsync(token, user.Email), "Confirmation link is expired or invalid");
    }

    [Fact]
    public async Task The_mail_can_be_had_again_but_not_at_once()
    {
        var user = await _auth.RegisterAsync();
        await AssertRefusedAsync(ResendAsync(user.Email), "Too many requests. Please wait before requesting another email");
        _clock.Advance(TimeSpan.FromSeconds(61));

        var (status, body) = await ResendAsync(user.Email);

        Assert.Equal((HttpStatusCode.OK, $$$"""{"message":"Verification email sent to {{{user.Email}}}","result":{}}"""), (status, body.ToJsonString()));
        await AssertRefusedAsync(ResendAsync(UserRequests.NewEmail()), "Email address not found");
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(await UserRequests.MailedTokenAsync(_database, user.Email), user.Email)).Status);
        await AssertRefusedAsync(ResendAsync(user.Email), "Failed to resend verification email: Email is already confirmed");
    }

    [Fact]
    public async Task Where_an_address_must_be_confirmed_nobody_signs_in_before()
    {
        await using var strict = await AuthHost.StartAsync(servers, _database, settings: [("Auth:RequireConfirmedEmail", "true"), ("Auth:PasswordIterations", "1000")]);
        var email = UserRequests.NewEmail();

        var (_, registered) = await strict.PostAsync("register", new { email, password = UserRequests.Password });
        Assert.Null(registered["session"]);
        await AssertRefusedAsync(strict.PostAsync("login", new { email, password = UserRequests.Password }), "Login failed: Email not confirmed");
        await AssertRefusedAsync(strict.PostAsync("login", new { email, password = "wrong password" }), "Login failed: Invalid login credentials");

        await strict.PostAsync("confirm", new { token = await UserRequests.MailedTokenAsync(_database, email), email });
        await strict.LoginAsync(email);
    }

    [Fact]
    public async Task A_user_of_the_legacy_system_gets_a_password_by_confirming_the_address_and_nobody_else_gets_the_data()
    {
        var old = Guid.NewGuid();
        var email = UserRequests.NewEmail();
        await NativeServers.ExecuteAsync(_database, $"INSERT INTO users (id, email, name) VALUES ('{old}', '{char.ToUpperInvariant(email[0])}{email[1..]}', 'Old Hand')");
        await NativeServers.ExecuteAsync(_database, $"UPDATE users SET email = upper(email) WHERE id = '{old}'");

        var (status, registered) = await _auth.PostAsync("register", new { email, password = "the first password" });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Null(registered["session"]);
        Assert.DoesNotContain(old.ToString(), registered.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Old Hand", registered.ToJsonString(), StringComparison.Ordinal);
        await AssertRefusedAsync(_auth.PostAsync("login", new { email, password = "the first password" }), "Login failed: Email not confirmed");

        var (_, confirmed) = await ConfirmAsync(await UserRequests.MailedTokenAsync(_database, email), email);
        Assert.Equal(old.ToString(), (string?)confirmed["user"]!["id"]);
        var user = await _auth.LoginAsync(email, "the first password");
        Assert.Equal(old, user.UserId);
        Assert.Equal(old.ToString(), (string?)(await _auth.ExchangeAsync(user.AccessToken))["user_id"]);
        Assert.Equal(1L, await NativeServers.QueryAsync<long>(_database, $"SELECT count(*) FROM users WHERE lower(email) = '{email}'"));
    }

    [Fact]
    public async Task Confirming_an_address_that_takes_over_a_users_data_signs_out_whoever_was_signed_in_before()
    {
        var before = await _auth.RegisterAsync();
        Assert.Equal("Confirm your email address", await SubjectAsync());
        // The user stays, with the data and the session, as one whom the legacy system made.
        await NativeServers.ExecuteAsync(_database, $"DELETE FROM auth_accounts WHERE user_id = '{before.UserId}'");
        _clock.Advance(TimeSpan.FromSeconds(61));
        await _auth.PostAsync("register", new { email = before.Email, password = "the owner's password" });
        Assert.Equal("Did you just set a password for your existing Gaia account?", await SubjectAsync());
        Assert.True(await _auth.CountsAsync(before.AccessToken));

        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(await UserRequests.MailedTokenAsync(_database, before.Email), before.Email)).Status);

        Assert.False(await _auth.CountsAsync(before.AccessToken));
        await AssertRefusedAsync(_auth.PostAsync("refresh", new { refresh_token = before.RefreshToken }), "Token refresh failed: Invalid Refresh Token: Session Not Found");
        var after = await _auth.LoginAsync(before.Email, "the owner's password");
        Assert.Equal(before.UserId, after.UserId);
        Assert.True(await _auth.CountsAsync(after.AccessToken));
        Assert.Equal(1L, await NativeServers.QueryAsync<long>(_database, $"SELECT count(*) FROM permission_audit_log WHERE event_type = 'session_revoked' AND target_user_id = '{before.UserId}'"));

        Task<string?> SubjectAsync() => NativeServers.QueryAsync<string>(_database, $"SELECT subject FROM auth_mail_outbox WHERE recipient = '{before.Email}' ORDER BY created_at DESC LIMIT 1");
    }

    [Fact]
    public async Task Of_two_who_register_a_legacy_users_address_the_one_whose_mail_is_confirmed_signs_in()
    {
        var email = UserRequests.NewEmail();
        await NativeServers.ExecuteAsync(_database, $"INSERT INTO users (email) VALUES ('{email}')");
        await _auth.PostAsync("register", new { email, password = "the owner's password" });
        var owners = await UserRequests.MailedTokenAsync(_database, email);
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.OK, (await _auth.PostAsync("register", new { email, password = "somebody else's" })).Status);

        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(owners, email)).Status);

        await _auth.LoginAsync(email, "the owner's password");
        await AssertRefusedAsync(_auth.PostAsync("login", new { email, password = "somebody else's" }), "Login failed: Invalid login credentials");
        await AssertRefusedAsync(_auth.PostAsync("register", new { email, password = "somebody else's" }), "This email is already registered");
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> ConfirmAsync(string token, string email) => _auth.PostAsync("confirm", new { token, email });

    private Task<(HttpStatusCode Status, JsonNode Body)> ResendAsync(string email) => _auth.PostAsync("resend-verification", new { email });

    private static async Task AssertRefusedAsync(Task<(HttpStatusCode Status, JsonNode Body)> asked, string detail)
    {
        var (status, body) = await asked;
        Assert.Equal((HttpStatusCode.BadRequest, detail), (status, (string?)body["detail"]));
    }
}
