using System.Net;
using System.Net.Sockets;
using System.Text;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>What the gateway itself says when it fails, or cannot even read a request.</summary>
[Collection(SharedServers.Name)]
public sealed class FailureTests(MannersFixture shared) : IClassFixture<MannersFixture>
{
    [Fact]
    public async Task An_exception_is_500_and_tells_nothing()
    {
        using var answer = await shared.AskForAsync(500);

        Assert.Equal("""{"detail":"Internal server error"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/test/away/x", """{"detail":"Service away unavailable"}""")]
    [InlineData("/test/nowhere/x", """{"detail":"Service nowhere not available"}""")]
    public async Task A_missing_service_is_503_under_its_name(string path, string body)
    {
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, path);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, body), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("NONSENSE\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX-Large: {large}\r\n\r\n", "431")]
    [InlineData("GET /{large} HTTP/1.1\r\nHost: a\r\n\r\n", "414")]
    public async Task What_is_not_HTTP_is_refused_without_a_trace_of_the_server(string request, string status)
    {
        var url = new Uri(shared.Gateway.Url);
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request.Replace("{large}", new string('x', 50_000), StringComparison.Ordinal)));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(limit.Token);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Kestrel", answer, StringComparison.OrdinalIgnoreCase);
    }
}
