using System.Net;
using System.Net.WebSockets;
using System.Text;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gaia.Tests.Gateway;

/// <summary>WebSockets through the gateway to a service that echoes.</summary>
[Collection(SharedServers.Name)]
public sealed class WebSocketTests(NativeServers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private LogSink Log { get; } = new();
    private AuthHost _auth = null!;
    private WebApplication _service = null!;
    private GatewayHost _gateway = null!;
    private string? _received;

    public async Task InitializeAsync()
    {
        _auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        _service = await StartEchoAsync();
        _gateway = await GatewayHost.StartAsync(
            servers,
            _auth.Url,
            "http://127.0.0.1:9",
            [
                .. MannersFixture.Route("echo", "/ws/test/{**rest}", "echo"),
                ("ReverseProxy:Routes:echo:TimeoutPolicy", "request"),
                ("ReverseProxy:Clusters:echo:Destinations:only:Address", _service.Urls.Single()),
                ("ReverseProxy:Clusters:echo:HttpRequest:ActivityTimeout", "00:00:02"),
                ("Edge:RequestTimeoutSeconds", "3"),
            ],
            Log);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
        await _auth.DisposeAsync();
    }

    [Fact]
    public async Task Messages_go_both_ways_and_the_service_knows_the_caller()
    {
        using var socket = await ConnectAsync("/ws/test/echo");
        await SendAsync(socket, "Hello");
        var large = new string('x', 200_000);
        await SendAsync(socket, large);

        Assert.Equal(("Hello", large), (await ReceiveAsync(socket), await ReceiveAsync(socket)));
        Assert.Equal("chosen", socket.SubProtocol);
        Assert.StartsWith("Bearer eyJ", _received, StringComparison.Ordinal);
        Assert.DoesNotContain(AuthHost.DevelopmentKey, _received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_close_code_gets_through_from_either_side()
    {
        using var limit = new CancellationTokenSource(Limit);
        using var ours = await ConnectAsync("/ws/test/echo");
        await ours.CloseAsync((WebSocketCloseStatus)4001, "mine", limit.Token);
        using var theirs = await ConnectAsync("/ws/test/echo");
        await SendAsync(theirs, "close");
        await ReceiveAsync(theirs);

        Assert.Equal(((WebSocketCloseStatus)4001, "mine"), (ours.CloseStatus!.Value, ours.CloseStatusDescription));
        Assert.Equal(((WebSocketCloseStatus)4002, "theirs"), (theirs.CloseStatus!.Value, theirs.CloseStatusDescription));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gaia_sk_wrong")]
    public async Task Without_a_valid_credential_there_is_no_upgrade(string? key)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (key is not null)
            socket.Options.SetRequestHeader("X-API-Key", key);

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address("/ws/test/echo"), CancellationToken.None));

        Assert.Equal(HttpStatusCode.Unauthorized, socket.HttpStatusCode);
        Assert.Null(_received);
    }

    [Fact]
    public async Task A_silent_socket_outlives_the_timeouts_while_the_service_pings()
    {
        using var socket = await ConnectAsync("/ws/test/echo");
        await Task.Delay(TimeSpan.FromSeconds(5));
        await SendAsync(socket, "still there");

        Assert.Equal("still there", await ReceiveAsync(socket));
    }

    [Fact]
    public async Task A_socket_that_is_truly_dead_does_not_stay_for_ever()
    {
        using var socket = await ConnectAsync("/ws/test/silent");

        await Assert.ThrowsAsync<WebSocketException>(() => ReceiveAsync(socket));
    }

    [Fact]
    public async Task A_socket_is_one_line_in_the_log_when_it_ends()
    {
        using (var socket = await ConnectAsync("/ws/test/echo"))
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(Log.Lines.Any(line => line.Contains("GET /ws/test/{**rest} /ws/test/echo 101 in ", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Services_ping_more_often_than_any_route_gives_up()
    {
        await using var service = await ServiceHost.StartAsync("Gaia.Probe", "Production", servers.Settings(database: ""), static _ => { }, static _ => { });
        var interval = service.Services.GetRequiredService<IOptions<WebSocketOptions>>().Value.KeepAliveInterval;
        var clusters = new ConfigurationBuilder().AddJsonFile(Path.Combine(RepositoryClone.Root, "Gaia.Gateway", "appsettings.json")).Build()
            .GetSection("ReverseProxy:Clusters").GetChildren();

        // What a cluster does not set is the proxy's own 100 seconds.
        Assert.All(clusters, cluster => Assert.True(interval * 2 < (cluster.GetValue<TimeSpan?>("HttpRequest:ActivityTimeout") ?? TimeSpan.FromSeconds(100)), cluster.Key));
    }

    private async Task<WebApplication> StartEchoAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(1));
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/ws/test/echo", http => EchoAsync(http, TimeSpan.FromSeconds(0.5)));
        app.Map("/ws/test/silent", http => EchoAsync(http, Timeout.InfiniteTimeSpan));
        await app.StartAsync();
        return app;
    }

    private async Task EchoAsync(HttpContext http, TimeSpan ping)
    {
        _received = http.Request.Headers.Authorization;
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = ping, SubProtocol = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault() });
        var buffer = new byte[8192];
        try
        {
            while (true)
            {
                var read = await socket.ReceiveAsync(buffer, http.RequestAborted);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, http.RequestAborted);
                    return;
                }

                if (Encoding.UTF8.GetString(buffer, 0, read.Count) == "close")
                {
                    await socket.CloseAsync((WebSocketCloseStatus)4002, "theirs", http.RequestAborted);
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, read.Count), read.MessageType, read.EndOfMessage, http.RequestAborted);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            // The other end is gone.
        }
    }

    private Uri Address(string path) => new(_gateway.Url.Replace("http://", "ws://", StringComparison.Ordinal) + path);

    private async Task<ClientWebSocket> ConnectAsync(string path)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-API-Key", AuthHost.DevelopmentKey);
        socket.Options.AddSubProtocol("chosen");
        socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        using var limit = new CancellationTokenSource(Limit);
        await socket.ConnectAsync(Address(path), limit.Token);
        return socket;
    }

    private static async Task SendAsync(ClientWebSocket socket, string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var message = new MemoryStream();
        var buffer = new byte[8192];
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, limit.Token);
            message.Write(buffer, 0, read.Count);
            if (read.EndOfMessage)
                return Encoding.UTF8.GetString(message.ToArray());
        }
    }
}
