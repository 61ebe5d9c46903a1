using System.Net;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>The description of the API while services are away or disagree, and the page that shows it.</summary>
[Collection(SharedServers.Name)]
public sealed class ReferenceOutageTests(NativeServers servers) : IAsyncLifetime
{
    private StubService _chat = null!;
    private StubService _kb = null!;

    public async Task InitializeAsync()
    {
        _chat = await StubService.StartAsync();
        _kb = await StubService.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _chat.DisposeAsync();
        await _kb.DisposeAsync();
    }

    [Fact]
    public async Task A_service_that_is_away_leaves_a_document_that_says_so()
    {
        Describe(_chat, "/api/v1/conversations", """{"type":"object"}""");
        await using var gateway = await StartAsync(("Services:kb:http:0", $"http://127.0.0.1:{NativeServer.FreePort()}"));

        var document = await ReadAsync(gateway);

        Assert.Contains("kb", document["x-gaia-unavailable"]!.AsArray().Select(name => (string?)name));
        Assert.DoesNotContain("chat", document["x-gaia-unavailable"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(["/api/v1/conversations"], OfServices(document["paths"]!.AsObject()));
    }

    [Theory]
    [InlineData("not JSON at all")]
    [InlineData("[]")]
    [InlineData("""{"openapi":"3.1.0"}""")]
    public async Task A_service_that_sends_nonsense_counts_as_away(string body)
    {
        _chat.Reply(200, body);
        await using var gateway = await StartAsync();

        var document = await ReadAsync(gateway);

        Assert.Contains("chat", document["x-gaia-unavailable"]!.AsArray().Select(name => (string?)name));
    }

    [Fact]
    public async Task Two_services_may_mean_different_things_by_one_name()
    {
        Describe(_chat, "/api/v1/conversations", """{"type":"object","properties":{"of_chat":{"$ref":"#/components/schemas/Part"}}}""");
        Describe(_kb, "/test/kb", """{"type":"object","properties":{"of_kb":{"$ref":"#/components/schemas/Part"}}}""");
        await using var gateway = await StartAsync();

        var document = await ReadAsync(gateway);
        var schemas = document["components"]!["schemas"]!;

        Assert.Equal(["Item", "Part"], SchemasBehind("/api/v1/conversations"));
        Assert.Equal(["kb_Item", "Part"], SchemasBehind("/test/kb"));

        IEnumerable<string> SchemasBehind(string path)
        {
            var name = Name(document["paths"]![path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!);
            yield return name;
            yield return Name(schemas[name]!["properties"]!.AsObject().Single().Value!);
        }

        static string Name(JsonNode schema) => ((string)schema["$ref"]!)["#/components/schemas/".Length..];
    }

    [Fact]
    public async Task What_no_route_leads_to_is_left_out_and_a_route_decides_whose_path_it_is()
    {
        // Chat claims a path of the knowledge base, and one that nobody routes.
        _chat.Reply(200, Document(
            ("/api/v1/conversations", "{}"), ("/test/kb", "{}"), ("/internal/things", "{}"), ("/health", "{}"), ("/test/some/one", "{}"), ("/test/some/three", "{}"), ("/test/some/{id}/x", "{}")));
        Describe(_kb, "/test/kb", """{"type":"object"}""");
        await using var gateway = await StartAsync([
            .. MannersFixture.Route("some", "/test/some/{which:regex(^(one|two)$)}", "chat"),
            .. MannersFixture.Route("below", "/test/some/{id:guid}/x", "chat")]);

        var paths = (await ReadAsync(gateway))["paths"]!.AsObject();

        Assert.Equal(["/api/v1/conversations", "/test/kb", "/test/some/one", "/test/some/{id}/x"], OfServices(paths));
        Assert.Equal("Knowledge base", (string?)paths["/test/kb"]!["get"]!["tags"]![0]);
        Assert.Equal("Platform", (string?)paths["/health"]!["get"]!["tags"]![0]);
        // The route asks for a credential, whatever the service's document says.
        Assert.Equal(2, paths["/test/kb"]!["get"]!["security"]!.AsArray().Count);
    }

    /// <summary>The paths that services describe: neither the gateway's own nor those of services to come.</summary>
    private static IEnumerable<string> OfServices(JsonObject paths) => paths
        .Where(path => path.Key != "/api/v1/admin/limits" && path.Value!.AsObject().All(operation => (string?)operation.Value!["tags"]?[0] != "Platform" && operation.Value["responses"]?["501"] is null))
        .Select(path => path.Key).Order(StringComparer.Ordinal);

    [Fact]
    public async Task The_page_for_people_runs_nothing_but_its_own_files()
    {
        await using var gateway = await StartAsync();
        using var page = await gateway.Client.GetAsync("/docs");
        using var slash = await gateway.Client.GetAsync("/docs/");
        using var redoc = await gateway.Client.GetAsync("/redoc");
        var html = await page.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.Equal(html, await slash.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.Found, "/docs"), (redoc.StatusCode, redoc.Headers.Location?.ToString()));
        Assert.Contains("<title>LLM Platform API reference</title>", html, StringComparison.Ordinal);
        var policy = page.Header("Content-Security-Policy") ?? "";
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        foreach (var (file, type) in new[] { ("/docs/reference.js", "text/javascript"), ("/docs/reference.css", "text/css"), ("/lib/swagger-ui/swagger-ui-bundle.js", "text/javascript"), ("/lib/swagger-ui/swagger-ui.css", "text/css") })
        {
            Assert.Contains($"\"{file}\"", html, StringComparison.Ordinal);
            using var answer = await gateway.Client.GetAsync(file);
            Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        }
    }

    private Task<GatewayHost> StartAsync(params (string Key, string? Value)[] settings) => GatewayHost.StartAsync(
        servers,
        "http://127.0.0.1:9",
        _chat.Url,
        [
            ("Services:kb:http:0", _kb.Url),
            .. MannersFixture.Route("test-kb", "/test/kb/{**rest}", "kb"),
            ("ReverseProxy:Clusters:kb:Destinations:only:Address", "http://kb"),
            .. settings,
        ]);

    private static async Task<JsonObject> ReadAsync(GatewayHost gateway) => JsonNode.Parse(await gateway.Client.GetStringAsync("/openapi.json"))!.AsObject();

    private static void Describe(StubService service, string path, string schema) => service.Reply(200, Document((path, schema)));

    /// <summary>A document in which each path has a GET, whose answer is an <c>Item</c>.</summary>
    private static string Document(params (string Path, string Schema)[] paths)
    {
        const string get = """{"get":{"tags":["Gaia.Anything"],"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Item"}}}}}}}""";
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "x", ["version"] = "1" },
            ["paths"] = new JsonObject(paths.Select(path => KeyValuePair.Create(path.Path, JsonNode.Parse(get)))),
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject { ["Item"] = JsonNode.Parse(paths[0].Schema), ["Part"] = new JsonObject { ["type"] = "string" }, ["Unused"] = new JsonObject() },
            },
        }.ToJsonString();
    }
}
