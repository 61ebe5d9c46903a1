using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>Credentials that are none, byte by byte on the socket and in the bodies of the user routes.</summary>
[Collection(SharedServers.Name)]
public sealed class HostileCredentialTests(NativeServers servers) : IAsyncLifetime
{
    private const int Workers = 8;

    private static readonly int[] Refusals = [400, 401, 413, 431];

    /// <summary>Each way to present one value, as header lines with {0} for it.</summary>
    private static readonly string[] Forms =
    [
        "Authorization: Bearer {0}\r\n",
        "authorization: bearer {0}\r\n",
        "X-API-Key: {0}\r\n",
        "Authorization: Bearer {0}\r\nX-API-Key: {0}\r\n",
    ];

    private AuthHost _auth = null!;
    private StubService _chat = null!;
    private GatewayHost _gateway = null!;

    public async Task InitializeAsync()
    {
        (string, string?)[] auth = [("Auth:PasswordIterations", "1000"), ("Auth:Throttle:RegistrationBurst", "100000"), ("Auth:Throttle:AddressBurst", "100000")];
        _auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), settings: auth);
        _chat = await StubService.StartAsync();
        var limits = new[] { "FailedAuthentication", "Anonymous" }.SelectMany(name => new[] { ($"Limits:{name}:Permits", (string?)"1000000"), ($"Limits:{name}:Burst", "1000000") });
        _gateway = await GatewayHost.StartAsync(servers, _auth.Url, _chat.Url, limits);
        _chat.Reply(200, "{}");
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await _gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations");
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _chat.DisposeAsync();
        await _auth.DisposeAsync();
    }

    [Fact]
    public async Task Hostile_credentials_in_every_header_form_are_refused_and_those_of_no_accepted_form_without_a_query()
    {
        Assert.True(HostileCredentials.All.Count >= 300, $"{HostileCredentials.All.Count}");
        var (requests, exchanges) = (_chat.Requests.Count, _auth.Exchanges);

        var formless = await RefuseAsync(HostileCredentials.All.Where(credential => !credential.HasForm));
        Assert.Equal(exchanges, _auth.Exchanges);
        var formed = await RefuseAsync(HostileCredentials.All.Where(credential => credential.HasForm));

        Assert.Empty(formless.Concat(formed));
        Assert.True(_auth.Exchanges > exchanges, "no credential of an accepted form reached Auth");
        Assert.Equal(requests, _chat.Requests.Count);
        await StillWorksAsync();
    }

    [Theory]
    [InlineData("Authorization: Basic {0}\r\n")]
    [InlineData("Authorization: {0}\r\n")]
    [InlineData("Authorization: Bearer\r\n")]
    [InlineData("Authorization:\r\nX-API-Key:\r\n")]
    [InlineData("Authorization: Bearer{0}\r\n")]
    [InlineData("Authorization: Bearer\t{0}\r\n")]
    [InlineData("Authorization: Token {0}\r\n")]
    [InlineData("Authorization: Bearer {0}\r\nAuthorization: Bearer {0}\r\n")]
    [InlineData("Authorization: Bearer {0}\r\nauthorization: bearer {0}\r\n")]
    [InlineData("Authorization: Bearer {0}, Bearer {0}\r\n")]
    [InlineData("Authorization: Bearer {0},{0}\r\n")]
    [InlineData("Authorization: Bearer Bearer {0}\r\n")]
    [InlineData("X-API-Key: {0}\r\nX-API-Key: {0}\r\n")]
    [InlineData("X-API-Key: {0}\r\nx-api-key: other\r\n")]
    [InlineData("X-API-Key: {0}, {0}\r\n")]
    [InlineData("X-API-Key: Bearer {0}\r\n")]
    [InlineData("X-API-Key : {0}\r\n")]
    [InlineData("X_API_Key: {0}\r\n")]
    [InlineData(" X-API-Key: {0}\r\n")]
    [InlineData("Cookie: X-API-Key={0}\r\n")]
    [InlineData("X-Service-Token: {0}\r\n")]
    [InlineData("Proxy-Authorization: Bearer {0}\r\n")]
    public async Task A_good_key_in_a_wrong_header_form_is_refused_without_a_query(string headers)
    {
        var key = await _auth.CreateKeyAsync();
        var before = _auth.Exchanges;

        Assert.Contains(await SendAsync(headers, Encoding.ASCII.GetBytes(key.Secret)), Refusals);
        Assert.Equal(before, _auth.Exchanges);
        Assert.Equal(200, await SendAsync("X-API-Key: {0}\r\n", Encoding.ASCII.GetBytes(key.Secret)));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_its_credential_is_looked_at()
    {
        var key = await _auth.CreateKeyAsync();
        var before = _auth.Exchanges;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = new ByteArrayContent(new byte[7 * 1024 * 1024]) };
        request.Headers.ExpectContinue = true;
        request.Headers.Add("X-API-Key", key.Secret);
        using var answer = await _gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(before, _auth.Exchanges);
    }

    [Fact]
    public async Task A_good_key_in_the_query_or_the_body_is_no_credential()
    {
        var key = await _auth.CreateKeyAsync();
        var before = _auth.Exchanges;
        foreach (var name in new[] { "api_key", "access_token", "token", "key", "X-API-Key", "Authorization" })
        {
            using var asked = await _gateway.Client.GetAsync($"/api/v1/conversations?{name}={key.Secret}");
            using var sent = await _gateway.Client.PostAsJsonAsync("/api/v1/chat", new Dictionary<string, object?> { ["message"] = "Hello", [name] = key.Secret, ["_auth"] = new { key = key.Secret } });
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (asked.StatusCode, sent.StatusCode));
        }

        Assert.Equal(before, _auth.Exchanges);
    }

    [Fact]
    public async Task Hostile_values_in_the_bodies_of_the_user_routes_fail_nothing()
    {
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            HostileCredentials.All.Where(credential => credential.Value.Length < 12_000),
            new ParallelOptions { MaxDegreeOfParallelism = Workers },
            async (credential, cancellation) =>
            {
                var value = Encoding.UTF8.GetString(credential.Value);
                (string Operation, object Body)[] requests =
                [
                    ("validate", new { token = value }),
                    ("validate", new { api_key = value }),
                    ("refresh", new { refresh_token = value }),
                    ("login", new { email = "someone@example.com", password = value }),
                    ("login", new { email = $"{value}@example.com", password = value }),
                    ("confirm", new { token = value, email = "someone@example.com" }),
                    ("resend-verification", new { email = value }),
                ];
                foreach (var (operation, body) in requests)
                {
                    using var answer = await _gateway.Client.PostAsJsonAsync($"/api/v1/auth/{operation}", body, cancellation);
                    var text = await answer.Content.ReadAsStringAsync(cancellation);
                    // That a token does not count is the answer to what validate is asked.
                    var told = operation == "validate" && answer.StatusCode == HttpStatusCode.OK && text.Contains("\"valid\":false", StringComparison.Ordinal);
                    if (!told && (int)answer.StatusCode is not (>= 400 and < 500))
                        wrong.Add($"{operation} with {credential}: {(int)answer.StatusCode} {text}");
                }
            });

        Assert.Empty(wrong);
        await StillWorksAsync();
    }

    [Theory]
    [InlineData("/api/v1/auth/logout")]
    [InlineData("/api/v0.3/auth/logout")]
    public async Task A_credential_that_is_not_ASCII_is_refused_where_Auth_gets_it_as_it_was_sent(string route)
    {
        var wrong = new List<string>();
        foreach (var credential in HostileCredentials.All.Where(credential => credential.Value.Any(value => value > 127)))
        {
            foreach (var form in Forms)
            {
                var status = await SendAsync(form, credential.Value, $"POST {route}");
                if (status is not (>= 400 and < 500))
                    wrong.Add($"{credential} in {form.Trim()}: {status}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(200, await SendAsync("Authorization: Bearer {0}\r\n", "a.b.c"u8.ToArray(), $"POST {route}"));
    }

    [Fact]
    public async Task Hostile_ids_fail_nothing()
    {
        var key = (await _auth.CreateKeyAsync()).Secret;
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            HostileCredentials.All.Where(credential => credential.Value.Length < 4_000),
            new ParallelOptions { MaxDegreeOfParallelism = Workers },
            async (credential, cancellation) =>
            {
                var id = Uri.EscapeDataString(Encoding.UTF8.GetString(credential.Value));
                // The lone dots would be taken out of a path.
                if (id is "." or "..")
                    return;
                foreach (var path in new[] { $"/api/v1/auth/keys/{id}", $"/api/v1/admin/roles/{id}", $"/api/v1/admin/audit?actor_id={id}", $"/api/v1/admin/permissions/resources?principal_id={id}" })
                {
                    using var answer = await _gateway.SendAsync(HttpMethod.Get, path, body: null, path.Contains("/admin/", StringComparison.Ordinal) ? AuthHost.DevelopmentKey : key);
                    if ((int)answer.StatusCode >= 500 || (answer.IsSuccessStatusCode && !path.Contains('?')))
                        wrong.Add($"{path} with {credential}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellation)}");
                }
            });

        Assert.Empty(wrong);
    }

    private async Task<IReadOnlyCollection<string>> RefuseAsync(IEnumerable<HostileCredential> credentials)
    {
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            from credential in credentials from form in Forms select (credential, form),
            new ParallelOptions { MaxDegreeOfParallelism = Workers },
            async (item, _) =>
            {
                var status = await SendAsync(item.form, item.credential.Value);
                if (!Refusals.Contains(status))
                    wrong.Add($"{item.credential} in {item.form.Trim()}: {status}");
            });
        return wrong;
    }

    /// <summary>The status that the gateway answers to these header lines, written as they are. Zero where it closed the connection.</summary>
    private async Task<int> SendAsync(string headers, byte[] value, string request = "GET /api/v1/conversations")
    {
        var message = new List<byte>();
        message.AddRange(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: gaia.example\r\nContent-Length: 0\r\n"));
        var parts = headers.Split("{0}");
        for (var part = 0; part < parts.Length; part++)
        {
            message.AddRange(Encoding.ASCII.GetBytes(parts[part]));
            if (part < parts.Length - 1)
                message.AddRange(value);
        }

        message.AddRange("Connection: close\r\n\r\n"u8);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_gateway.Url).Port, limit.Token);
        var stream = client.GetStream();
        var writing = stream.WriteAsync(message.ToArray(), limit.Token).AsTask();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var line = await reader.ReadLineAsync(limit.Token);
        try
        {
            await writing;
        }
        catch (IOException)
        {
            // It has answered, and reads no more of what is too large.
        }

        return line?.Split(' ') is [_, var status, ..] ? int.Parse(status, CultureInfo.InvariantCulture) : 0;
    }

    private async Task StillWorksAsync()
    {
        using var answer = await _gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
