using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>
/// The table of <c>legacy-history.md</c>, section 27, through a real gateway, Auth and Chat: every K and A row of root, chat, streaming,
/// conversations, personas, providers, models and performance answers in its shape, and what waits for a service says so.
/// </summary>
[Collection(SharedServers.Name)]
public sealed partial class LegacyChecklistTests(ReferenceFixture shared) : IClassFixture<ReferenceFixture>
{
    public static TheoryData<int, string> Served
    {
        get
        {
            var rows = new TheoryData<int, string>();
            for (var i = 0; i < LegacyRoutes.Served.Count; i++)
                rows.Add(i, $"{LegacyRoutes.Served[i].Tag} {LegacyRoutes.Served[i].Operation}");
            return rows;
        }
    }

    public static TheoryData<string> Pending { get; } = [.. LegacyRoutes.Pending];

    [Theory]
    [MemberData(nameof(Served))]
    public async Task A_row_of_the_table_answers_in_its_shape(int index, string row)
    {
        var route = LegacyRoutes.Served[index];
        Assert.EndsWith(route.Operation, row, StringComparison.Ordinal);
        using var response = await SendAsync(route, AuthHost.DevelopmentKey);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == route.Status || (route.Status == HttpStatusCode.Created && response.StatusCode == HttpStatusCode.OK), $"{row}: {(int)response.StatusCode} {text}");
        response.AssertReadableByScripts();
        if (route.Fields == "stream")
        {
            Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.GetValues("Content-Type").Single());
            Assert.StartsWith("data: {", text, StringComparison.Ordinal);
            return;
        }

        if (response.StatusCode == HttpStatusCode.NoContent)
            return;
        var names = Read(text);
        Assert.True(route.Fields.Split(',', StringSplitOptions.RemoveEmptyEntries).All(names.Contains), $"{row}: {text}");
    }

    [Theory]
    [MemberData(nameof(Served))]
    public async Task A_row_asks_for_a_credential_unless_the_table_says_that_it_is_public(int index, string row)
    {
        var route = LegacyRoutes.Served[index];
        using var response = await SendAsync(route, key: null);
        Assert.True(route.IsPublic == (response.StatusCode != HttpStatusCode.Unauthorized), $"{row}: {(int)response.StatusCode}");
    }

    [Theory]
    [MemberData(nameof(Pending))]
    public async Task A_row_whose_service_is_to_come_says_so_with_a_501_to_those_who_may_call_it(string operation)
    {
        var route = new LegacyRoute("pending", operation, "detail") { Body = operation.StartsWith("GET", StringComparison.Ordinal) ? null : new { message = "hi" } };
        using var response = await SendAsync(route, AuthHost.DevelopmentKey);
        var detail = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.StartsWith($"{operation} is not available yet: its service (", detail, StringComparison.Ordinal);

        using var unknown = await SendAsync(route, key: null);
        var isPublic = operation is "GET /api/v1/assets/test" or "GET /api/v0.3/locations/nearby";
        Assert.Equal(isPublic ? HttpStatusCode.NotImplemented : HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.NotNull(shared.Document["paths"]![route.Path]![route.Method.ToLowerInvariant()]!["responses"]!["501"]);
    }

    [Fact]
    public void No_row_of_the_table_is_forgotten()
    {
        // 27.18: 90 K, 12 A, 24 O and 2 D, less the 14 of Auth and the 4 O that were there for an hour; beside the explicit providers/health.
        var pending = LegacyRoutes.Pending.Where(row => !Unlisted().IsMatch(row)).Select(Key);
        var served = LegacyRoutes.Served.Where(route => route.Tag is "K" or "A" or "O").Select(route => Key(route.Operation));
        Assert.Equal(90 + 12 + 24 + 2 - 14 - 4 + 1, pending.Concat(served).Distinct().Count());

        static string Key(string operation) => operation.Split('?')[0];
    }

    [Theory]
    [InlineData("""{"a":2,"b":3}""", """{"result":5}""")]
    [InlineData("""{"a":0.1,"b":0.2}""", """{"result":0.3}""")]
    [InlineData("""{"a":-7}""", """{"result":-7}""")]
    [InlineData("{}", """{"result":0}""")]
    [InlineData("""{"a":1e300,"b":1e300}""", """{"result":2E+300}""")]
    public async Task The_calculator_adds(string body, string expected)
    {
        using var response = await shared.Gateway.Client.PostAsync("/calculator/add", new StringContent(body));
        Assert.Equal((HttpStatusCode.OK, expected), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("""{"a":"2"}""")]
    [InlineData("""{"a":1e308,"b":1e308}""")]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("""{"a":1,"\ud800":2}""")]
    public async Task The_calculator_says_what_is_no_number(string body)
    {
        using var response = await shared.Gateway.Client.PostAsync("/calculator/add", new StringContent(body));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task A_script_may_read_that_an_answer_was_given_before()
    {
        var route = new LegacyRoute("K", "POST /api/v1/chat", "") { Body = new { message = "Only once" } };
        var idempotency = ("Idempotency-Key", Guid.NewGuid().ToString());
        using var first = await SendAsync(route, AuthHost.DevelopmentKey, idempotency);
        using var again = await SendAsync(route, AuthHost.DevelopmentKey, idempotency);

        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        again.AssertReadableByScripts();
    }

    [Fact]
    public async Task V03_without_a_message_keeps_its_own_error_at_the_gateway()
    {
        using var response = await SendAsync(new LegacyRoute("K", "POST /api/v0.3/chat", "error") { Body = new { stream = true } }, AuthHost.DevelopmentKey);
        Assert.Equal((HttpStatusCode.BadRequest, """{"error":"Missing required field: message"}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    private static HashSet<string> Read(string text)
    {
        var json = JsonDocument.Parse(text).RootElement;
        return json.ValueKind == JsonValueKind.Object ? [.. json.EnumerateObject().Select(member => member.Name)] : [];
    }

    private async Task<HttpResponseMessage> SendAsync(LegacyRoute route, string? key, params IEnumerable<(string Name, string Value)> headers)
    {
        var path = await FillAsync(route.Path);
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), path);
        request.Headers.Add("Origin", "http://localhost:8080");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (key is not null)
            request.Headers.Add("X-API-Key", key);
        if (route.Body is not null)
            request.Content = new StringContent(await FillAsync(JsonSerializer.Serialize(route.Body)), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        return await shared.Gateway.Client.SendAsync(request);
    }

    /// <summary>Puts something that exists in each place.</summary>
    private async Task<string> FillAsync(string text)
    {
        text = text.Replace("{model}", ChatHost.OpenAIModel, StringComparison.Ordinal).Replace("{asset_id}", "7", StringComparison.Ordinal);
        if (text.Contains("{conversation}", StringComparison.Ordinal))
            text = text.Replace("{conversation}", await MakeAsync("/api/v1/conversations", new { title = "Listed" }, "id"), StringComparison.Ordinal);
        if (text.Contains("{persona}", StringComparison.Ordinal))
            text = text.Replace("{persona}", await MakeAsync("/api/v0.2/personas", new { name = $"P {Guid.NewGuid():N}", description = "One of a list", system_prompt = "You check lists." }, "id"), StringComparison.Ordinal);
        return text;
    }

    private async Task<string> MakeAsync(string path, object body, string field)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-API-Key", AuthHost.DevelopmentKey);
        using var response = await shared.Gateway.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        var json = JsonDocument.Parse(text).RootElement;
        return (json.TryGetProperty("persona", out var inner) ? inner : json).GetProperty(field).GetString()!;
    }

    /// <summary>What the table names as N.</summary>
    [GeneratedRegex("kb/multitask$|assets/search$|filesystem/files$")]
    private static partial Regex Unlisted();
}
