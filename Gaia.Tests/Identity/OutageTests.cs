using System.Net;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Identity;

/// <summary>What is known goes on while Auth or a server is away, what is not known is an outage, and nothing of it is a refusal.</summary>
[Collection(SharedServers.Name)]
public sealed class OutageTests(AuthFixture shared, NativeServers servers) : IClassFixture<AuthFixture>, IAsyncLifetime
{
    private readonly AuthHost _auth = shared.Auth;
    private readonly int _exchangesBefore = shared.Auth.Exchanges;
    private readonly ShiftedClock _clock = new();
    private ProbeHost _probe = null!;

    public async Task InitializeAsync() => _probe = await ProbeHost.StartAsync(servers, _auth.Url, clock: _clock);

    public async Task DisposeAsync() => await _probe.DisposeAsync();

    [Fact]
    public async Task Without_NATS_a_revoked_key_is_refused_within_30_seconds()
    {
        var key = await _auth.CreateKeyAsync();
        await _probe.AskAsync(key.Secret);
        await servers.Nats.StopAsync();
        try
        {
            await _auth.RevokeAsync(key);
            _clock.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(HttpStatusCode.Unauthorized, (await _probe.AskAsync(key.Secret)).Status);
        }
        finally
        {
            await servers.Nats.StartAsync();
        }
    }

    [Fact]
    public async Task While_Auth_is_away_a_known_credential_goes_on_and_others_get_503()
    {
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        await using var probe = await ProbeHost.StartAsync(servers, auth.Url, clock: _clock);
        var key = await auth.CreateKeyAsync();
        Assert.Equal(HttpStatusCode.OK, (await probe.AskAsync(key.Secret)).Status);
        await auth.DisposeAsync();

        Assert.Equal(HttpStatusCode.OK, (await probe.AskAsync(key.Secret)).Status);
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(HttpStatusCode.OK, (await probe.AskAsync(key.Secret)).Status);
        _clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(HttpStatusCode.OK, (await probe.AskAsync(key.Secret)).Status);

        var unknown = await probe.AskAsync(ApiKeyFormat.Generate());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"detail":"Service auth unavailable"}"""), (unknown.Status, unknown.Body));
        Assert.Equal(HttpStatusCode.Unauthorized, (await probe.AskAsync("garbage")).Status);
        Assert.Equal(HttpStatusCode.OK, (await probe.AskAsync("/open", ("X-API-Key", ApiKeyFormat.Generate()))).Status);

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await probe.AskAsync(key.Secret)).Status);
    }

    [Fact]
    public async Task While_Redis_is_away_keys_are_checked_all_the_same()
    {
        var key = await _auth.CreateKeyAsync();
        await servers.Redis.StopAsync();
        try
        {
            Assert.Equal(HttpStatusCode.OK, (await _probe.AskAsync(key.Secret)).Status);
            await _probe.AskAsync(key.Secret);
            Assert.Equal(_exchangesBefore + 1, _auth.Exchanges);

            await _auth.RevokeAsync(key);
            await Eventually.TrueAsync(async () => (await _probe.AskAsync(key.Secret)).Status == HttpStatusCode.Unauthorized, seconds: 2);
        }
        finally
        {
            await servers.Redis.StartAsync();
        }
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_a_known_credential_goes_on_others_get_503_and_all_recovers()
    {
        var (known, fresh) = (await _auth.CreateKeyAsync(), await _auth.CreateKeyAsync());
        Assert.Equal(HttpStatusCode.OK, (await _probe.AskAsync(known.Secret)).Status);
        await servers.Postgres.StopAsync();
        try
        {
            _clock.Advance(TimeSpan.FromSeconds(40));
            Assert.Equal(HttpStatusCode.OK, (await _probe.AskAsync(known.Secret)).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _probe.AskAsync(fresh.Secret).WaitAsync(TimeSpan.FromSeconds(5))).Status);
        }
        finally
        {
            await servers.Postgres.StartAsync();
        }

        await Eventually.TrueAsync(async () => (await _probe.AskAsync(fresh.Secret)).Status == HttpStatusCode.OK);
    }
}
