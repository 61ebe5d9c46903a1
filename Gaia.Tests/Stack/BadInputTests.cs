using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Gaia.Tests.Stack;

[Collection(StackGroup.Name)]
public class BadInputTests(GaiaStack stack)
{
    public static TheoryData<string> BadKeys => new()
    {
        "garbage",
        new string('k', 10 * 1024),
        "' OR '1'='1'; DROP TABLE users; --",
        "\"quoted\"",
        "gaia_sk_0000000000000000000000000000000000000000000",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };

    [Fact]
    public async Task No_key_is_401_with_the_contracts_body()
    {
        using var response = await stack.Anonymous.PostAsJsonAsync("/api/v1/chat", new { message = "Hello" });

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Not authenticated. Provide a valid JWT or API Key.", await DetailAsync(response));
    }

    [Theory]
    [MemberData(nameof(BadKeys))]
    public async Task A_bad_key_is_401_in_every_header_form(string key)
    {
        foreach (var header in new[] { "X-API-Key", "Authorization" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = JsonContent.Create(new { message = "Hello" }) };
            request.Headers.TryAddWithoutValidation(header, header == "Authorization" ? $"Bearer {key}" : key);
            using var response = await stack.Anonymous.SendAsync(request);

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("Could not validate credentials", await DetailAsync(response));
        }
    }

    [Theory]
    [InlineData("00000000-0000-4000-8000-000000000000")]
    [InlineData("not-a-uuid")]
    [InlineData("1; DELETE FROM conversations")]
    public async Task An_unknown_conversation_is_404(string id)
    {
        foreach (var stream in new[] { false, true })
        {
            using var response = await stack.Client.PostAsJsonAsync("/api/v1/chat", new { message = "Hello", conversation_id = id, stream });
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Contains("not found", await DetailAsync(response), StringComparison.Ordinal);
        }

        using var read = await stack.Client.GetAsync($"/api/v1/conversations/{Uri.EscapeDataString(id)}");
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Theory]
    [InlineData("this is not json")]
    [InlineData("")]
    [InlineData("[1, 2, 3]")]
    [InlineData("{\"message\": 5}")]
    [InlineData("{\"message\": \"unclosed")]
    public async Task A_body_that_cannot_be_read_is_4xx_in_the_contracts_shape(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await stack.Client.PostAsync("/api/v1/chat", content);

        Assert.InRange((int)response.StatusCode, 400, 499);
        Assert.NotEmpty(await DetailAsync(response));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_6_MB_is_4xx_in_the_contracts_shape(bool chunked)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"message":"{{new string('x', 6 * 1024 * 1024)}}"}""");
        using var content = new StreamContent(new MemoryStream(json));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        using var response = await stack.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("too large", await DetailAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_route_and_a_wrong_method_say_so_in_the_contracts_shape()
    {
        using var unknown = await stack.Client.GetAsync("/api/v9/nothing");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("Not Found", await DetailAsync(unknown));

        using var method = await stack.Anonymous.PostAsync("/health", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.Equal("Method Not Allowed", await DetailAsync(method));
    }

    private static async Task<string> DetailAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("detail").GetString()!;
    }
}
