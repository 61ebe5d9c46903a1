using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.Options;

namespace Gaia.Tests.Auth;

/// <summary>Keys that come with the deployment, over several starts on one database.</summary>
[Collection(SharedServers.Name)]
public sealed class ConfiguredKeyTests(NativeServers servers)
{
    private const string First = "first-operator-key";
    private const string Second = "second.operator.key";

    [Fact]
    public async Task The_operators_key_counts_until_it_is_replaced_and_counts_again_when_it_is_back()
    {
        var database = await servers.CreateDatabaseAsync();
        foreach (var key in new[] { First, First, Second, First, null })
        {
            await using var auth = await AuthHost.StartAsync(servers, database, "Production", settings: ("Auth:ApiKey", key));
            foreach (var candidate in new[] { First, Second })
                Assert.Equal(candidate == key, await CountsAsync(auth, candidate));
        }

        Assert.Equal(1L, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM users"));
        Assert.Equal(2L, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM api_keys"));
    }

    [Fact]
    public async Task The_legacy_name_of_the_setting_works_too()
    {
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), settings: ("API_KEY", First));

        Assert.True(await CountsAsync(auth, First));
        Assert.True(await CountsAsync(auth, AuthHost.DevelopmentKey));
    }

    [Fact]
    public async Task The_development_key_as_the_operators_key_does_not_count_outside_Development()
    {
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), "Production", settings: ("Auth:ApiKey", AuthHost.DevelopmentKey));

        Assert.False(await CountsAsync(auth, AuthHost.DevelopmentKey));
    }

    [Theory]
    [InlineData("Auth:ApiKey", "short")]
    [InlineData("Auth:ApiKey", "with spaces and 'quotes'")]
    [InlineData("Gaia:EncryptionKey", "")]
    [InlineData("Gaia:EncryptionKey", "c2hvcnQ=")]
    [InlineData("Gaia:EncryptionKey", "not base64")]
    public async Task A_bad_setting_is_told_at_the_start(string name, string value)
    {
        var database = await servers.CreateDatabaseAsync();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => AuthHost.StartAsync(servers, database, settings: (name, value)));

        Assert.Contains(name == "Auth:ApiKey" ? "API_KEY" : name, exception.Message, StringComparison.Ordinal);
        Assert.True(value.Length == 0 || !exception.Message.Contains(value, StringComparison.Ordinal));
    }

    private static async Task<bool> CountsAsync(AuthHost auth, string key)
    {
        using var response = await auth.AsService.PostAsJsonAsync("/internal/validate", new { api_key = key });
        return (bool)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["valid"]!;
    }
}
