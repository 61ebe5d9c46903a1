using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Gaia.Bench;

/// <summary>Somebody at the web service, who does by HTTP what the pages do.</summary>
internal sealed partial class WebPerson : IDisposable
{
    private readonly HttpClient _http;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private string _token = "";
    private string _conversation = "";

    public WebPerson(string address)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public Task RegisterAsync(string email, string password) => EnterAsync("/register", "/auth/register", email, password);

    public Task SignInAsync(string email, string password) => EnterAsync("/login", "/auth/login", email, password);

    /// <summary>Opens a page and returns how long that took to the last byte, in milliseconds.</summary>
    public async Task<double> OpenAsync(string path)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await ReadAsync(response);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Sends a message, follows its answer to the end and fetches it finished, as the page does.</summary>
    public async Task AskAsync(string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat/send")
        {
            Content = new FormUrlEncodedContent([new("message", message), new("conversation_id", _conversation)]),
            Headers = { { "HX-Request", "true" }, { "RequestVerificationToken", _token } },
        };
        using var sent = await _http.SendAsync(request);
        var fragment = WebUtility.HtmlDecode(await sent.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        var (stream, finished) = (Found(StreamAddress(), fragment), Found(MessageAddress(), fragment));
        _conversation = Found(Conversation(), stream);
        using (var answer = await _http.GetAsync(stream, HttpCompletionOption.ResponseHeadersRead))
        {
            answer.EnsureSuccessStatusCode();
            await ReadAsync(answer);
        }

        await OpenAsync(finished);
    }

    public void Dispose() => _http.Dispose();

    private async Task EnterAsync(string page, string action, string email, string password)
    {
        var form = await _http.GetStringAsync(page);
        using var response = await _http.PostAsync(action, new FormUrlEncodedContent([new("email", email), new("password", password), new("__RequestVerificationToken", Found(FormToken(), form))]));
        if (response.StatusCode != HttpStatusCode.SeeOther)
            throw new InvalidOperationException($"{action} answered {(int)response.StatusCode}.");
        _token = Found(PageToken(), WebUtility.HtmlDecode(await _http.GetStringAsync("/chat")));
    }

    /// <summary>Reads to the end and keeps nothing.</summary>
    private async Task ReadAsync(HttpResponseMessage response)
    {
        await using var body = await response.Content.ReadAsStreamAsync();
        while (await body.ReadAsync(_buffer) > 0)
        {
        }
    }

    private static string Found(Regex pattern, string text) =>
        pattern.Match(text) is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException($"{pattern} is not on the page.");

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)")]
    private static partial Regex FormToken();

    [GeneratedRegex("\"RequestVerificationToken\":\"([^\"]+)")]
    private static partial Regex PageToken();

    [GeneratedRegex("data-stream=\"([^\"]+)")]
    private static partial Regex StreamAddress();

    [GeneratedRegex("data-message-url=\"([^\"]+)")]
    private static partial Regex MessageAddress();

    [GeneratedRegex("conversation_id=([0-9a-f-]{36})")]
    private static partial Regex Conversation();
}
