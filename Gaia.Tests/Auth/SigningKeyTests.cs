using Gaia.Auth;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Tests.Auth;

[Collection(SharedServers.Name)]
public sealed class SigningKeyTests(NativeServers servers)
{
    private static readonly Caller Someone = new(Guid.NewGuid(), null, "jwt", null, [], [], [], []);

    [Fact]
    public async Task Two_public_keys_are_published_and_no_private_one()
    {
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());

        var document = await auth.Client.GetStringAsync("/.well-known/jwks.json");

        var keys = new JsonWebKeySet(document).Keys;
        Assert.Equal(2, keys.Count);
        Assert.All(keys, key => Assert.Equal(("EC", "P-256", "ES256", "sig", false), (key.Kty, key.Crv, key.Alg, key.Use, key.HasPrivateKey)));
        Assert.DoesNotContain("\"d\"", document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_replicas_share_their_keys()
    {
        var database = await servers.CreateDatabaseAsync();
        var replicas = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => AuthHost.StartAsync(servers, database)));
        try
        {
            Assert.Equal(await KeyIdsAsync(replicas[0]), await KeyIdsAsync(replicas[1]));
            Assert.Equal(Sign(replicas[0]).Kid, Sign(replicas[1]).Kid);
        }
        finally
        {
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
    }

    [Fact]
    public async Task Keys_rotate_without_a_token_that_cannot_be_verified()
    {
        var clock = new ShiftedClock();
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), clock: clock);
        var keys = auth.Services.GetRequiredService<SigningKeys>();
        var signedBy = new List<string>();

        for (var hour = 0; hour < 24 * 65; hour += 6)
        {
            var before = Sign(auth).Kid;
            clock.Advance(TimeSpan.FromHours(6));
            Assert.Contains(Sign(auth).Kid, await KeyIdsAsync(auth));
            await keys.RefreshAsync(CancellationToken.None);
            var published = await KeyIdsAsync(auth);
            Assert.Equal(2, published.Count);
            Assert.Contains(Sign(auth).Kid, published);
            if (signedBy.LastOrDefault() != before)
                signedBy.Add(before);
        }

        Assert.Equal(3, signedBy.Count);
    }

    [Fact]
    public async Task After_a_rotation_the_key_before_is_published_for_a_while()
    {
        var clock = new ShiftedClock();
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), clock: clock);
        var keys = auth.Services.GetRequiredService<SigningKeys>();
        var before = Sign(auth).Kid;

        clock.Advance(TimeSpan.FromDays(30) + TimeSpan.FromMinutes(5));
        await keys.RefreshAsync(CancellationToken.None);

        Assert.NotEqual(before, Sign(auth).Kid);
        Assert.Contains(before, await KeyIdsAsync(auth));
    }

    [Fact]
    public async Task Private_keys_lie_sealed_and_another_encryption_key_keeps_Auth_from_being_ready()
    {
        var database = await servers.CreateDatabaseAsync();
        await using (var auth = await AuthHost.StartAsync(servers, database))
        {
            // The start of every unencrypted PKCS #8 key on this curve.
            Assert.Equal(2L, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM auth_signing_keys WHERE position('\\x2a8648ce3d'::bytea in sealed_private_key) = 0"));
        }

        var settings = servers.Settings(database);
        settings["Gaia:EncryptionKey"] = Convert.ToBase64String(new byte[32]);
        await using var other = await ServiceHost.StartAsync("Gaia.Auth", "Production", settings, builder => builder.AddAuth(), app => app.MapAuth());
        var checks = other.Services.GetRequiredService<HealthCheckService>();
        for (var i = 0; ; i++)
        {
            var keys = (await checks.CheckHealthAsync(check => check.Name == "keys")).Entries["keys"];
            Assert.Equal(HealthStatus.Unhealthy, keys.Status);
            if (keys.Description!.Contains("Gaia:EncryptionKey", StringComparison.Ordinal))
                break;
            Assert.True(i < 100, keys.Description);
            await Task.Delay(50);
        }
    }

    private static JsonWebToken Sign(AuthHost auth) => new(auth.Services.GetRequiredService<InternalTokenIssuer>().Issue(Someone, notAfter: null).Value);

    private static async Task<List<string>> KeyIdsAsync(AuthHost auth) =>
        [.. new JsonWebKeySet(await auth.Client.GetStringAsync("/.well-known/jwks.json")).Keys.Select(key => key.Kid)];
}
