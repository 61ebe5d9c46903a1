using System.Globalization;
using System.Text.Json.Nodes;
using Gaia.Gateway.Proxy;
using Yarp.ReverseProxy.Configuration;

namespace Gaia.Gateway.Reference;

/// <summary>What the gateway itself may answer, described once for all operations.</summary>
internal static class EdgeErrors
{
    private static readonly (string Name, int Status, string Description)[] All =
    [
        ("NotAuthenticated", 401, "No credential, or none that is valid."),
        ("NotAllowed", 403, "The caller may not do this."),
        ("TooLarge", 413, "The body is too large."),
        ("TooManyRequests", 429, "Too many requests: come again after `Retry-After` seconds."),
        ("Failed", 500, "The gateway failed."),
        ("Unavailable", 503, "The service does not answer just now."),
    ];

    internal static JsonObject Responses()
    {
        var responses = new JsonObject();
        foreach (var (name, _, description) in All)
            responses[name] = new JsonObject { ["description"] = description, ["content"] = Content() };
        // Legacy clients read why in a member of its own.
        responses["TooManyRequests"]!["content"] = Content("error");
        return responses;
    }

    internal static void AddTo(JsonObject operation, RouteConfig route)
    {
        var isProxied = route.ClusterId is not null;
        var hasBody = operation["requestBody"] is not null;
        if (operation["responses"] is not JsonObject responses)
            operation["responses"] = responses = [];
        if (isProxied)
            Wrap(responses, route);
        var isSecured = operation["security"] is JsonArray { Count: > 0 };
        foreach (var (name, status, _) in All)
        {
            var applies = status switch
            {
                401 or 403 => isSecured,
                413 => hasBody,
                503 => isProxied,
                _ => true,
            };
            if (applies)
                responses.TryAdd($"{status}", new JsonObject { ["$ref"] = $"#/components/responses/{name}" });
        }
    }

    /// <summary>A client of the gateway does not see the body that the service described, but that body as text in another.</summary>
    private static void Wrap(JsonObject responses, RouteConfig route)
    {
        foreach (var (status, response) in responses)
        {
            if (int.TryParse(status, CultureInfo.InvariantCulture, out var code) && !ServiceErrors.Passes(code, route) && response is JsonObject described)
                described["content"] = Content();
        }
    }

    /// <param name="more">Members beside <c>detail</c>.</param>
    private static JsonObject Content(params string[] more)
    {
        string[] members = [.. more, "detail"];
        return new JsonObject
        {
            ["application/json"] = new JsonObject
            {
                ["schema"] = new JsonObject
                {
                    ["type"] = "object",
                    ["required"] = new JsonArray([.. members.Select(member => JsonValue.Create(member))]),
                    ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member, new JsonObject { ["type"] = "string" }))),
                },
            },
        };
    }
}
