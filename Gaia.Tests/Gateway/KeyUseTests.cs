using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>From where keys are used, as the gateway sees it and Auth keeps it.</summary>
[Collection(SharedServers.Name)]
public sealed class KeyUseTests(NativeServers servers)
{
    [Fact]
    public async Task The_use_of_a_key_from_a_new_address_is_in_the_audit_log()
    {
        var database = await servers.CreateDatabaseAsync();
        await using var auth = await AuthHost.StartAsync(servers, database);
        await using var chat = await StubService.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(servers, auth.Url, chat.Url);
        var key = await auth.CreateKeyAsync();

        await AskAsync(gateway, key.Secret, IPAddress.Parse("127.0.0.2"));
        await Eventually.TrueAsync(async () => await AddressesAsync(database, key.Row.Id) == 1, seconds: 30);
        await AskAsync(gateway, key.Secret, IPAddress.Parse("127.0.0.2"));
        await AskAsync(gateway, key.Secret, IPAddress.Parse("127.0.0.3"));
        await Eventually.TrueAsync(async () => await AddressesAsync(database, key.Row.Id) == 2, seconds: 30);

        Assert.Equal("127.0.0.3", await NativeServers.QueryAsync<string>(database,
            $"SELECT string_agg(host(ip_address), ',') FROM permission_audit_log WHERE event_type = 'key_used_from_new_address' AND target_id = '{key.Row.Id}'"));
        Assert.True(await NativeServers.QueryAsync<bool>(database, $"SELECT last_used_at IS NOT NULL FROM api_keys WHERE id = '{key.Row.Id}'"));
    }

    private static Task<long> AddressesAsync(string database, Guid keyId) =>
        NativeServers.QueryAsync<long>(database, $"SELECT count(*) FROM api_key_addresses WHERE key_id = '{keyId}'");

    private static async Task AskAsync(GatewayHost gateway, string key, IPAddress from)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Client.BaseAddress!, "/api/v1/conversations"));
        request.Headers.Add("X-API-Key", key);
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
