using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.OpenApi;

namespace Gaia.Tests.Gateway;

/// <summary>The description of the whole public API at <c>/openapi.json</c>, from the documents of the real services.</summary>
[Collection(SharedServers.Name)]
public sealed partial class ReferenceTests(ReferenceFixture shared) : IClassFixture<ReferenceFixture>
{
    [Fact]
    public void It_is_the_OpenAPI_document_of_the_platform()
    {
        var read = OpenApiDocument.Parse(shared.Json, OpenApiConstants.Json);

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Equal(("LLM Platform", "0.2"), (read.Document!.Info.Title, read.Document.Info.Version));
        Assert.Null(shared.Document["x-gaia-unavailable"]);
        Assert.Equal(["api_key", "bearer"], shared.Document["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key).Order());
    }

    [Fact]
    public void Every_route_of_the_gateway_has_operations()
    {
        var routes = new ConfigurationBuilder().AddJsonFile(Path.Combine(RepositoryClone.Root, "Gaia.Gateway", "appsettings.json")).Build()
            .GetSection("ReverseProxy:Routes").GetChildren().ToList();

        Assert.NotEmpty(routes);
        Assert.All(routes, route =>
        {
            var prefix = route["Match:Path"]!.Split("/{")[0];
            Assert.Contains(shared.Operations(), operation => operation.Path == prefix || operation.Path.StartsWith($"{prefix}/", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Every_operation_is_one_that_the_gateway_answers_and_asks_for_the_credential_that_it_states()
    {
        var wrong = new List<string>();
        foreach (var (path, method, operation) in shared.Operations())
        {
            using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), Parameters().Replace(path, Guid.Empty.ToString()));
            using var answer = await shared.Gateway.Client.SendAsync(request);
            var secured = operation["security"] is JsonArray { Count: > 0 };
            if (secured ? answer.StatusCode != HttpStatusCode.Unauthorized : await answer.Content.ReadAsStringAsync() is """{"detail":"Not Found"}""" or """{"detail":"Method Not Allowed"}""")
                wrong.Add($"{method} {path}: {(int)answer.StatusCode}, secured {secured}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_way_to_have_a_message_answered_takes_an_idempotency_key_and_says_what_becomes_of_a_repetition()
    {
        var operations = shared.Operations().Where(item => item.Operation["parameters"] is JsonArray parameters && parameters.Any(parameter => (string?)parameter!["name"] == "Idempotency-Key")).ToList();

        string[] families = ["/api/v1/chat", "/api/v0.3/chat", "/api/v0.2/chat", "/api/v0.2/chat/stream", "/api/v1/chat/completions", "/api/v1/chat/direct", "/api/v1/conversations/{id}/messages/{messageId}/edit"];
        Assert.Subset(operations.Select(item => item.Path).ToHashSet(), families.ToHashSet());
        Assert.All(operations, item => Assert.True(item.Operation["responses"]!.AsObject().ContainsKey("409"), item.Path));
    }

    [Theory]
    [InlineData("/api/v0.3/chat", "{}")]
    [InlineData("/api/v0.2/chat", "[]")]
    public async Task A_refusal_looks_as_described(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, null, "application/json") };
        request.Headers.Authorization = new("Bearer", (await shared.Auth.RegisterAsync()).AccessToken);
        using var refused = await shared.Gateway.Client.SendAsync(request);

        var described = shared.Document["paths"]![path]!["post"]!["responses"]![$"{(int)refused.StatusCode}"]!["content"]!["application/json"]!["schema"]!;
        if ((string?)described["$ref"] is { } reference)
            described = shared.Document["components"]!["schemas"]![reference.Split('/')[^1]]!;
        var members = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!.AsObject().Select(member => member.Key);
        Assert.Equal(members, described["properties"]!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public void Nothing_internal_is_in_it()
    {
        Assert.DoesNotContain("/internal", shared.Json, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("127.0.0.1", shared.Json, StringComparison.Ordinal);
        Assert.All(shared.Operations(), operation => Assert.DoesNotMatch("^/(alive|ready|openapi/|\\.well-known)", operation.Path));
    }

    [Fact]
    public void Every_operation_says_what_it_does_what_it_takes_and_what_it_answers()
    {
        Assert.All(shared.Operations(), item =>
        {
            var (path, method, operation) = item;
            var place = $"{method} {path}";
            Assert.False(string.IsNullOrWhiteSpace((string?)operation["summary"]), place);
            Assert.DoesNotContain(operation["tags"]!.AsArray(), tag => ((string?)tag)!.StartsWith("Gaia.", StringComparison.Ordinal));
            var responses = operation["responses"]!.AsObject();
            var good = responses.Where(response => response.Key[0] is '2' or '3').ToList();
            Assert.True(good.Count > 0 || responses.ContainsKey("501"), place);
            Assert.All(good, response => Assert.True(response.Key is "204" or "302" || response.Value!["content"] is JsonObject { Count: > 0 }, $"{place} {response.Key}"));
            Assert.True(responses.ContainsKey("429"), place);
            Assert.Equal(operation["security"] is JsonArray { Count: > 0 }, responses.ContainsKey("401"));
            foreach (var parameter in Parameters().Matches(path).Select(match => match.Value.Trim('{', '}')))
                Assert.Contains(operation["parameters"]!.AsArray(), described => (string?)described!["name"] == parameter);
        });
        var ids = shared.Operations().Select(operation => (string?)operation.Operation["operationId"]).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void An_operation_whose_parameters_may_be_of_a_wrong_type_says_that_it_refuses_them() =>
        Assert.All(shared.Operations().Where(item => (item.Operation["parameters"]?.AsArray() ?? []).Any(IsTyped)), item =>
            Assert.True(item.Operation["responses"]!.AsObject().ContainsKey("422"), $"{item.Method} {item.Path}"));

    private static bool IsTyped(JsonNode? parameter) =>
        (string?)parameter!["in"] == "query" && parameter["schema"] is { } schema && (schema["type"]?.ToJsonString() is "\"boolean\"" || schema["format"] is not null);

    [Fact]
    public void Every_reference_leads_somewhere_and_no_schema_is_left_over()
    {
        var references = References().Matches(shared.Json).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.NotNull(reference.Split('/').Aggregate((JsonNode?)shared.Document, (node, name) => node?[name])));
        Assert.All(shared.Document["components"]!["schemas"]!.AsObject(), schema => Assert.Contains($"components/schemas/{schema.Key}", references));
    }

    [Fact]
    public void The_chat_is_described_as_it_is_on_the_wire()
    {
        var chat = shared.Document["paths"]!["/api/v1/chat"]!["post"]!;
        var schemas = shared.Document["components"]!["schemas"]!;

        var request = schemas[Name(chat["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]!)]!["properties"]!.AsObject();
        Assert.Superset(new HashSet<string> { "message", "messages", "conversation_id", "stream", "model", "response_format" }, request.Select(property => property.Key).ToHashSet());
        Assert.Null(schemas["ChatRequestBody"]!["required"]);
        // Left out when it is null.
        Assert.DoesNotContain("response_time", schemas["ServiceState"]!["required"]!.AsArray().Select(name => (string?)name));
        var content = chat["responses"]!["200"]!["content"]!;
        Assert.NotNull(content["text/event-stream"]);
        var forms = content["application/json"]!["schema"]!["oneOf"]!.AsArray();
        var completion = schemas[Name(forms[0]!["$ref"]!)]!["properties"]!.AsObject();
        Assert.Superset(new HashSet<string> { "id", "object", "choices", "usage", "_metadata" }, completion.Select(property => property.Key).ToHashSet());
        Assert.Equal("integer", (string?)schemas["CompletionUsage"]!["properties"]!["prompt_tokens"]!["type"]);
        // The body of a 422 reaches a client as text in the gateway's own.
        Assert.Equal("string", (string?)chat["responses"]!["422"]!["content"]!["application/json"]!["schema"]!["properties"]!["detail"]!["type"]);

        var conversation = schemas["ConversationBody"]!["properties"]!["created_at"]!;
        Assert.Equal(("string", null), ((string?)conversation["type"], (string?)conversation["format"]));

        static string Name(JsonNode reference) => ((string)reference!).Split('/')[^1];
    }

    [Fact]
    public async Task It_is_not_sent_again_to_who_has_it()
    {
        using var first = await shared.Gateway.Client.GetAsync("/openapi.json");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        request.Headers.TryAddWithoutValidation("If-None-Match", first.Header("ETag"));
        using var again = await shared.Gateway.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, "application/json", "no-cache"), (first.StatusCode, first.Content.Headers.ContentType?.MediaType, first.Header("Cache-Control")));
        Assert.Equal((HttpStatusCode.NotModified, first.Header("ETag")), (again.StatusCode, again.Header("ETag")));
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameters();

    [GeneratedRegex("\"\\$ref\":\\s*\"#/([^\"]+)\"")]
    private static partial Regex References();
}
