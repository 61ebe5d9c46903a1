using System.Net.Http.Headers;
using System.Text;

namespace Gaia.Bench;

/// <summary>Asks for measured answers as streams, and reads them.</summary>
internal sealed class StreamClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null }) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri _address;
    private readonly string[] _headers;

    /// <param name="headers">As <c>Name:value</c>.</param>
    public StreamClient(string address, string[] headers) => (_address, _headers) = (new Uri(address), headers);

    public async Task<StreamReport> ReadAsync(int count, int interval)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address);
        foreach (var header in _headers)
            request.Headers.TryAddWithoutValidation(header[..header.IndexOf(':')], header[(header.IndexOf(':') + 1)..].Trim());
        request.Content = new ByteArrayContent(Encoding.ASCII.GetBytes(
            $$$"""{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"bench {{{count}}} {{{interval}}}"}]}"""));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        var report = new StreamReport(Mark.Now, count);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[16 * 1024];
        var kept = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(kept));
            if (read == 0)
                return report;
            kept = report.Observe(buffer.AsSpan(0, kept + read), Mark.Now);
        }
    }

    public void Dispose() => _http.Dispose();
}
