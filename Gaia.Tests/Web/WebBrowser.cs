using System.Net;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web;

/// <summary>What a browser keeps of a site: its cookies, and the token of the page that it was on last. It follows no redirect by itself.</summary>
internal sealed partial class WebBrowser : IDisposable
{
    private readonly CookieContainer _cookies;
    private readonly HttpClient _client;

    private WebBrowser(string url, CookieContainer cookies)
    {
        _cookies = cookies;
        Url = new Uri(url);
        _client = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = Url };
        _client.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
    }

    public WebBrowser(string url) : this(url, new CookieContainer())
    {
    }

    public Uri Url { get; }

    /// <summary>What the page that was shown last proves itself with.</summary>
    public string? Token { get; set; }

    /// <summary>The name by which the site is called, where it is not its address.</summary>
    public string? Host { get; init; }

    /// <summary>Keeps a cookie that came with an answer, whatever connection it is for.</summary>
    public void Keep(string name, string cookies) =>
        _cookies.SetCookies(Url, cookies.Split('\n').Single(cookie => cookie.StartsWith($"{name}=", StringComparison.Ordinal)).Split(';')[0] + "; path=/");

    public string? Cookie(string name) => _cookies.GetCookies(Url)[name]?.Value;

    /// <summary>The same browser at another replica.</summary>
    public WebBrowser At(string url) => new(url, _cookies) { Token = Token };

    public Task<Answer> GetAsync(string path, bool htmx = false, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, htmx, headers);

    public Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields) => SendAsync(HttpMethod.Post, path, fields, htmx: false);

    public Task<Answer> PostHtmxAsync(string path, params (string Name, string Value)[] fields) => SendAsync(HttpMethod.Post, path, fields, htmx: true);

    /// <summary>Registers somebody, who is signed in then.</summary>
    public async Task<string> RegisterAsync()
    {
        var email = UserRequests.NewEmail();
        await GetAsync("/register");
        var answer = await PostAsync("/auth/register", ("email", email), ("password", UserRequests.Password));
        Assert.True(answer.Status == HttpStatusCode.SeeOther, answer.Body);
        return email;
    }

    public async Task<Answer> LoginAsync(string email, string password = UserRequests.Password)
    {
        await GetAsync("/login");
        return await PostAsync("/auth/login", ("email", email), ("password", password));
    }

    public void Dispose() => _client.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path, (string Name, string Value)[]? fields, bool htmx, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (Host is not null)
            request.Headers.Host = Host;
        if (htmx)
            request.Headers.Add("HX-Request", "true");
        var values = (fields ?? []).Select(field => KeyValuePair.Create(field.Name, field.Value)).ToList();
        if (htmx && Token is not null)
            request.Headers.Add("RequestVerificationToken", Token);
        else if (Token is not null && !values.Exists(field => field.Key == "__RequestVerificationToken"))
            values.Add(KeyValuePair.Create("__RequestVerificationToken", Token));
        if (fields is not null)
            request.Content = new FormUrlEncodedContent(values);
        using var response = await _client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        if (TokenPattern().Match(body) is { Success: true } match)
            Token = match.Groups[1].Value;
        return new Answer(
            response.StatusCode, WebUtility.HtmlDecode(body), response.Headers.Location?.OriginalString,
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join("\n", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex TokenPattern();

    /// <param name="Body">With its entities resolved.</param>
    internal sealed record Answer(HttpStatusCode Status, string Body, string? Location, IReadOnlyDictionary<string, string> Headers)
    {
        public string? Header(string name) => Headers.GetValueOrDefault(name);
    }
}
