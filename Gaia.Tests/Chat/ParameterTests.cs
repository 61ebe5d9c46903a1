using System.Net;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

/// <summary>What a client puts behind the question mark.</summary>
[Collection(SharedServers.Name)]
public sealed class ParameterTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private const string Whole = "must be a whole number of usual size, given once";
    private const string Flag = "must be true or false, given once";

    [Theory]
    [InlineData("GET", "/api/v1/conversations?limit=abc", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v1/conversations?limit=", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v1/conversations?limit=1.5", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v1/conversations?limit=99999999999", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v1/conversations?limit=1&limit=2", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v1/conversations?limit=\"%20cursor\"", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v1/conversations/7/messages?limit=abc", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v1/shared/7?limit=abc", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v1/models?max_response_time_ms=abc", "int_parsing", "max_response_time_ms", Whole)]
    [InlineData("GET", "/api/v0.2/performance/stages?limit=abc", "int_parsing", "limit", Whole)]
    [InlineData("GET", "/api/v0.2/chat/stream/models?vr_only=maybe", "bool_parsing", "vr_only", Flag)]
    [InlineData("POST", "/api/v0.2/chat/stream/models/user-preference?model_id=x&vr_mode=maybe", "bool_parsing", "vr_mode", Flag)]
    public async Task A_parameter_of_a_wrong_type_is_named_with_what_it_must_be(string method, string path, string type, string name, string expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var refused = await fixture.Alice.Client.SendAsync(request);

        var text = await refused.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.UnprocessableEntity, path), (refused.StatusCode, path));
        var mistake = JsonDocument.Parse(text).RootElement.GetProperty("detail")[0];
        Assert.Equal((type, $"""["query","{name}"]""", $"{name} {expected}"), (mistake.GetProperty("type").GetString(), mistake.GetProperty("loc").GetRawText(), mistake.GetProperty("msg").GetString()));
    }
}
