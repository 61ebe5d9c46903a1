using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>What a client sends, planted in every header, query and body, and looked for wherever a service writes.</summary>
[Collection(SharedServers.Name)]
public sealed class CanaryTests(NativeServers servers)
{
    /// <summary>In all that is planted. Letters and digits, so that no encoding changes it.</summary>
    private const string Canary = "canary9d41c7";

    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string SpanId = "b7ad6b7169203331";

    private static readonly string[] Headers =
    [
        "Cookie", "Referer", "Origin", "User-Agent", "Accept", "Accept-Language", "Idempotency-Key", "If-None-Match", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via",
        "X-Request-ID", "X-Correlation-ID", "X-Response-Format", "X-Service-Token", "X-Service-Key", "X-User-ID", "X-Gaia-User", "X-Internal-Token", "Proxy-Authorization", "X-Anything", "From",
    ];

    /// <summary>A trace as a client could have one: well-formed, sampled, with what belongs to it.</summary>
    private static readonly (string Name, string Value)[] Trace =
    [
        ("traceparent", $"00-{TraceId}-{SpanId}-01"), ("tracestate", $"vendor={Canary}state"), ("baggage", $"k={Canary}baggage"),
        ("Correlation-Context", $"k={Canary}context"), ("Request-Id", $"|{Canary}request."),
    ];

    [Fact]
    public async Task A_canary_in_every_header_query_and_body_is_in_no_log_trace_event_or_error()
    {
        var log = new LogSink();
        await using var telemetry = await TelemetrySink.StartAsync();
        (string, string?)[] settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", telemetry.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("Auth:PasswordIterations", "1000")];
        using var listening = new CancellationTokenSource();
        var events = new StringBuilder();
        using var bus = new TcpClient();
        var hearing = await ListenAsync(bus, events, listening.Token);
        var answers = new List<(string Request, HttpStatusCode Status, string Head, string Body)>();

        var database = await servers.CreateDatabaseAsync();
        var provider = await ScriptedProvider.StartAsync();
        var auth = await AuthHost.StartAsync(servers, database, log: log, settings: settings);
        ChatHost? chat = await ChatHost.StartAsync(servers, database, auth.Url, provider, settings, log);
        var gateway = await GatewayHost.StartAsync(servers, auth.Url, chat.Url, settings, log);
        try
        {
            await PlantAsync(gateway, provider, answers);
            // Past the outage of a service, too.
            await chat.DisposeAsync();
            chat = null;
            await AskAsync(gateway, answers, HttpMethod.Post, "/api/v1/chat", $$"""{"message":"{{Canary}}away"}""", AuthHost.DevelopmentKey);
        }
        finally
        {
            // Their end sends what is left of the telemetry.
            await gateway.DisposeAsync();
            if (chat is not null)
                await chat.DisposeAsync();
            await auth.DisposeAsync();
            await provider.DisposeAsync();
        }

        await listening.CancelAsync();
        await hearing;
        AssertClean(log, telemetry, events.ToString(), answers);
    }

    [Fact]
    public async Task A_services_trace_begins_at_the_gateway_whatever_trace_a_client_tells_of()
    {
        await using var telemetry = await TelemetrySink.StartAsync();
        await using var service = await StubService.StartAsync();
        await using (var gateway = await GatewayHost.StartAsync(servers, service.Url, service.Url, [("OTEL_EXPORTER_OTLP_ENDPOINT", telemetry.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]))
        {
            for (var i = 0; i < 2; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
                foreach (var (name, value) in Trace)
                    request.Headers.TryAddWithoutValidation(name, value);
                using var response = await gateway.Client.SendAsync(request);
            }
        }

        var received = service.Requests.Where(request => request.Target == "/api/v1/auth/login").Select(request => request.Headers).ToList();
        Assert.All(received, headers => Assert.DoesNotContain(headers, header => header.Value.Contains(Canary, StringComparison.OrdinalIgnoreCase)));
        var traces = received.Select(headers => headers["traceparent"].Split('-')[1]).ToList();
        Assert.Equal(2, traces.Distinct().Count());
        var spans = telemetry.Spans;
        Assert.All(traces, trace => Assert.Single(spans, span => span.TraceId == trace && span.ParentSpanId.Trim('0').Length == 0));
        Assert.DoesNotContain(spans, span => span.TraceId == TraceId || span.ParentSpanId == SpanId);
    }

    [Theory]
    [InlineData("/api/v1/shared/")]
    [InlineData("/api/v1/conversations/search/")]
    public async Task A_link_that_opens_a_conversation_is_in_no_trace_and_no_log(string path)
    {
        var log = new LogSink();
        await using var telemetry = await TelemetrySink.StartAsync();
        // A service of this process that is not Gaia's would write a trace of its own.
        const string nowhere = "http://127.0.0.1:9";
        await using (var gateway = await GatewayHost.StartAsync(servers, nowhere, nowhere, [("OTEL_EXPORTER_OTLP_ENDPOINT", telemetry.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")], log))
        {
            using var response = await gateway.Client.GetAsync($"{path}{Canary}");
        }

        Assert.NotEmpty(telemetry.Spans);
        Assert.Empty(telemetry.Find(Canary));
        Assert.DoesNotContain(log.Lines, line => line.Contains(Canary, StringComparison.OrdinalIgnoreCase));
    }

    private static void AssertClean(LogSink log, TelemetrySink telemetry, string events, List<(string Request, HttpStatusCode Status, string Head, string Body)> answers)
    {
        // All of them were written to, so that what is not there was not written.
        Assert.Contains(log.Lines, line => line.Contains("AccessLogMiddleware", StringComparison.Ordinal));
        Assert.Superset(new HashSet<string> { "gateway", "auth", "chat" }, telemetry.ServicesSending("traces").Select(name => name.Replace("Gaia.", "", StringComparison.Ordinal).ToLowerInvariant()).ToHashSet());
        foreach (var subject in new[] { "gaia.auth.login", "gaia.auth.validation_failed", "gaia.auth.key.created", "gaia.chat.message.complete", "gaia.chat.message.failed" })
            Assert.Contains(subject, events, StringComparison.Ordinal);
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.ServiceUnavailable);

        var logged = log.Lines.Where(line => line.Contains(Canary, StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.Empty(logged);
        Assert.Empty(telemetry.Find(Canary));
        Assert.DoesNotContain(telemetry.Spans, span => span.TraceId == TraceId || span.ParentSpanId == SpanId);
        Assert.DoesNotContain(Canary, events, StringComparison.OrdinalIgnoreCase);
        // An answer shows what it was asked to keep or to say, and an error nothing at all.
        var shown = answers.Where(answer => $"{answer.Head}{Shown(answer.Status, answer.Body)}".Contains(Canary, StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.Empty(shown);
    }

    /// <summary>What an answer shows beside what it is there to show. Of the errors the contract has one name an id that was sent.</summary>
    private static string Shown(HttpStatusCode status, string body) =>
        (int)status >= 400 ? body.Replace($"Conversation {Canary} not found", "", StringComparison.Ordinal) : body.Replace($"{Canary}title", "", StringComparison.Ordinal).Replace($"{Canary}name", "", StringComparison.Ordinal)
            .Replace($"{Canary}says", "", StringComparison.Ordinal).Replace($"{Canary}mail@example.com", "", StringComparison.OrdinalIgnoreCase).Replace($"{Canary}mailed@example.com", "", StringComparison.OrdinalIgnoreCase);

    private static async Task PlantAsync(GatewayHost gateway, ScriptedProvider provider, List<(string Request, HttpStatusCode Status, string Head, string Body)> answers)
    {
        const string email = $"{Canary}mail@example.com";
        const string password = $"{Canary}password";
        foreach (var prefix in new[] { "/api/v1/auth", "/api/v0.3/auth" })
        {
            await PostAsync($"{prefix}/register", $$"""{"email":"{{(prefix.Contains('3') ? $"{Canary}mailed@example.com" : email)}}","password":"{{password}}"}""");
            await PostAsync($"{prefix}/register", $$"""{"email":"{{email}}","password":"{{password}}2"}""");
            await PostAsync($"{prefix}/register", $$"""{"email":"{{Canary}}","password":"{{Canary}}"}""");
            await PostAsync($"{prefix}/register", $$"""{"email":"{{Canary}}@example.com","password":["{{Canary}}"]}""");
            await PostAsync($"{prefix}/login", $$"""{"email":"{{email}}","password":"{{Canary}}wrong"}""");
            await PostAsync($"{prefix}/login", $$"""{"email":"{{Canary}}nobody@example.com","password":"{{Canary}}wrong"}""");
            await PostAsync($"{prefix}/login", $$"""{"email":{"{{Canary}}":"{{Canary}}"},"{{Canary}}":1}""");
            await PostAsync($"{prefix}/login", $$"""{"email":"{{Canary}}""");
            await PostAsync($"{prefix}/login", Canary);
            await PostAsync($"{prefix}/refresh", $$"""{"refresh_token":"{{Canary}}"}""");
            await PostAsync($"{prefix}/confirm", $$"""{"token":"{{Canary}}","email":"{{email}}"}""");
            await PostAsync($"{prefix}/resend-verification", $$"""{"email":"{{Canary}}nobody@example.com"}""");
            await PostAsync($"{prefix}/validate", $$"""{"token":"{{Canary}}.{{Canary}}.{{Canary}}","api_key":"{{Canary.PadRight(43, '0')}}"}""");
            await PostAsync($"{prefix}/logout", $$"""{"token":"{{Canary}}"}""");
        }

        var session = JsonNode.Parse(await PostAsync("/api/v1/auth/login", $$"""{"email":"{{email}}","password":"{{password}}"}""", forgetAnswer: true))!["session"]!;
        var made = JsonNode.Parse(await PostAsync("/api/v1/auth/keys", $$"""{"name":"{{Canary}}name","{{Canary}}":1}""", (string)session["access_token"]!))!;
        var key = (string)made["key"]!;
        await PostAsync("/api/v1/auth/refresh", $$"""{"refresh_token":"{{(string?)session["refresh_token"]}}","{{Canary}}":"{{Canary}}"}""");
        await PostAsync("/api/v1/auth/keys", $$"""{"name":{"{{Canary}}":1},"scopes":["{{Canary}}:{{Canary}}!"],"expires_at":"{{Canary}}","rate_limit":"{{Canary}}"}""", key);
        await PostAsync("/api/v1/auth/keys", $$"""["{{Canary}}"]""", key);
        await AskAsync(gateway, answers, HttpMethod.Patch, $"/api/v1/auth/keys/{(string?)made["id"]}", $$"""{"name":"{{Canary}}name2"}""", key);

        provider.Reply($"{Canary}says it").Fail(HttpStatusCode.InternalServerError, $"{Canary} fails").Fail(HttpStatusCode.TooManyRequests, $"{Canary} limits").Malformed().Reply($"{Canary}says it streamed");
        await PostAsync("/api/v1/chat", $$"""{"message":"{{Canary}}prompt","model":"{{ChatHost.OpenAIModel}}"}""", key);
        await PostAsync("/api/v1/chat", $$"""{"message":"{{Canary}}prompt"}""", key);
        await PostAsync("/api/v1/chat", $$"""{"message":"{{Canary}}prompt"}""", key);
        await PostAsync("/api/v1/chat", $$"""{"message":"{{Canary}}prompt"}""", key);
        await PostAsync("/api/v1/chat", $$"""{"message":"{{Canary}}prompt","stream":true}""", key);
        await PostAsync("/api/v1/chat", $$"""{"message":"{{Canary}}","model":"{{Canary}}"}""", key);
        await PostAsync("/api/v1/chat", $$"""{"message":"{{Canary}}","conversation_id":"{{Canary}}"}""", key);
        await PostAsync("/api/v1/chat", $$"""{"message":{"{{Canary}}":1},"stream":"{{Canary}}"}""", key);
        await PostAsync("/api/v1/chat", $$"""{"messages":[{"role":"{{Canary}}","content":[{"type":"{{Canary}}"}]}]}""", key);
        await PostAsync("/api/v1/chat", $$"""{"message":"{{Canary}}""", key);
        await PostAsync("/api/v1/conversations", $$"""{"title":"{{Canary}}title"}""", key);
        await PostAsync("/api/v1/conversations", $$"""{"title":["{{Canary}}"]}""", key);

        foreach (var path in new[] { "roles", "permissions", "teams", "workspaces" })
        {
            await PostAsync($"/api/v1/admin/{path}", $$"""{"name":"{{Canary}}"}""", key);
            await PostAsync($"/api/v1/admin/{path}", $$"""{"name":["{{Canary}}"],"resource_type":"{{Canary}} !"}""", AuthHost.DevelopmentKey);
            await PostAsync($"/api/v1/admin/{path}", $$"""{"name":"{{Canary}} !","resource_type":"{{Canary}} !","{{Canary}}":1}""", AuthHost.DevelopmentKey);
            await PostAsync($"/api/v1/admin/{path}", $$"""{"name":"{{Canary}}""", AuthHost.DevelopmentKey);
        }

        foreach (var path in new[] { "/", "/health", "/docs", "/openapi.json", "/no/such/path", "/api/v1/conversations", "/api/v1/auth/keys", "/api/v1/admin/audit", "/api/v1/admin/users", "/ws/nothing" })
        {
            // Of accepted forms that only Auth can refuse, of none, and a good one.
            foreach (var credential in new[] { Canary.PadRight(43, '0'), $"{Canary}.{Canary}.{Canary}", Canary, $"gaia_LOCAL_{Canary.PadRight(32, '0')}", AuthHost.DevelopmentKey })
                await AskAsync(gateway, answers, HttpMethod.Get, path, body: null, credential);
        }

        Task<string> PostAsync(string path, string body, string? credential = null, bool forgetAnswer = false) =>
            AskAsync(gateway, forgetAnswer ? [] : answers, HttpMethod.Post, path, body, credential ?? Canary.PadRight(43, 'x'));
    }

    private static async Task<string> AskAsync(
        GatewayHost gateway, List<(string Request, HttpStatusCode Status, string Head, string Body)> answers, HttpMethod method, string path, string? body, string credential)
    {
        using var request = new HttpRequestMessage(method, $"{path}?token={Canary}&{Canary}=1&api_key={Canary}&limit={Canary}");
        // A bad limit would be all that the lists of the administration see.
        if (credential == AuthHost.DevelopmentKey)
            request.RequestUri = new Uri($"{path}?actor_id={Canary}&{Canary}={Canary}", UriKind.Relative);
        // A request id of the accepted form is there to be logged and shown.
        foreach (var name in Headers)
            request.Headers.TryAddWithoutValidation(name, name switch
            {
                "X-Request-ID" => $"{Canary} no id",
                // The same one again would only be told that it was used before.
                "Idempotency-Key" => $"{Canary}{Guid.NewGuid()}",
                _ => $"{Canary}{name.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal)}",
            });
        foreach (var (name, value) in Trace)
            request.Headers.TryAddWithoutValidation(name, value);
        if (credential.Contains(Canary, StringComparison.Ordinal))
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
        else
            request.Headers.TryAddWithoutValidation("Authorization", $"Basic {Canary}");
        request.Headers.TryAddWithoutValidation("X-API-Key", credential);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await gateway.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        answers.Add(($"{method} {path}", response.StatusCode, $"{response.Headers}{response.Content.Headers}", text));
        return text;
    }

    /// <summary>Hears every event until it is told to stop.</summary>
    private async Task<Task> ListenAsync(TcpClient client, StringBuilder heard, CancellationToken cancellationToken)
    {
        await client.ConnectAsync(IPAddress.Loopback, servers.Nats.Port, cancellationToken);
        var reader = new StreamReader(client.GetStream());
        await client.GetStream().WriteAsync("CONNECT {\"verbose\":false,\"headers\":true}\r\nSUB > 1\r\nPING\r\n"u8.ToArray(), cancellationToken);
        while (await reader.ReadLineAsync(cancellationToken) != "PONG")
        {
        }

        return HearAsync();

        async Task HearAsync()
        {
            try
            {
                while (await reader.ReadLineAsync(cancellationToken) is { } line)
                    heard.Append(line).Append('\n');
            }
            catch (OperationCanceledException)
            {
                // Told to stop.
            }
        }
    }
}
