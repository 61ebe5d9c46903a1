using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Yarp.ReverseProxy.Configuration;

namespace Gaia.Gateway.Reference;

/// <summary>
/// Puts documents together. Of a service it takes the operations that a route of the gateway leads to, and the schemas that these
/// need, and says of each what the gateway adds: its credential, its errors.
/// </summary>
internal sealed class MergedDocument(ExposedRoutes.Matcher routes)
{
    private static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    private readonly JsonObject _paths = [];
    private readonly JsonObject _securitySchemes = [];
    private readonly SharedSchemas _schemas = new();
    private readonly SortedSet<string> _tags = new(StringComparer.Ordinal);

    /// <summary>Everything that the gateway serves itself.</summary>
    internal void AddOwn(JsonObject document) => Add("gateway", document, static (_, _) => new RouteConfig { AuthorizationPolicy = "anonymous" });

    internal void Add(string service, JsonObject document) => Add(service, document, (path, method) => routes.Find(service, path, method));

    internal byte[] ToJson(IReadOnlyList<string> unavailable)
    {
        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "LLM Platform",
                ["version"] = "0.2",
                ["description"] = "Errors are `{\"detail\": …}`. One that a service made comes with its status and with the service's body inside, " +
                    "as `{\"detail\": \"Service error: {…}\"}`; 404, 405 and 429 come as the service made them. Every answer has an `X-Request-ID`.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["tags"] = new JsonArray([.. _tags.Select(static tag => new JsonObject { ["name"] = tag })]),
            ["paths"] = _paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = _schemas.Take(),
                ["responses"] = EdgeErrors.Responses(),
                ["securitySchemes"] = _securitySchemes,
            },
        };
        if (unavailable.Count > 0)
            document[PublicApi.UnavailableField] = new JsonArray([.. unavailable.Select(static name => JsonValue.Create(name))]);
        return JsonSerializer.SerializeToUtf8Bytes(document, Written);
    }

    private void Add(string service, JsonObject document, Func<string, string, RouteConfig?> find)
    {
        var schemas = _schemas.From(service, document);
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var method in Methods)
            {
                if (item?[method] is not JsonObject operation || find(path, method) is not { } route)
                    continue;
                // Two services cannot have one path and method: routing gives it to one of them.
                var described = operation.DeepClone().AsObject();
                Describe(service, described, route);
                if (_paths[path] is not JsonObject methods)
                    _paths[path] = methods = [];
                methods[method] = schemas.Adopt(described);
            }
        }

        foreach (var (name, scheme) in document["components"]?["securitySchemes"] as JsonObject ?? [])
        {
            if (!_securitySchemes.ContainsKey(name))
                _securitySchemes[name] = scheme?.DeepClone();
        }
    }

    private void Describe(string service, JsonObject operation, RouteConfig route)
    {
        // Without a tag of its own, an operation has the name of its project for one.
        var tags = (operation["tags"] as JsonArray ?? [])
            .Select(static tag => (string?)tag ?? "")
            .Select(tag => tag.StartsWith("Gaia.", StringComparison.Ordinal) ? Name(service) : tag)
            .DefaultIfEmpty(Name(service))
            .ToList();
        operation["tags"] = new JsonArray([.. tags.Select(static tag => JsonValue.Create(tag))]);
        _tags.UnionWith(tags);

        if (!"anonymous".Equals(route.AuthorizationPolicy, StringComparison.OrdinalIgnoreCase) && operation["security"] is not JsonArray { Count: > 0 })
            operation["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject { ["api_key"] = new JsonArray() });
        EdgeErrors.AddTo(operation, route);
    }

    private static string Name(string service) => service switch
    {
        "gateway" => "Platform",
        "kb" => "Knowledge base",
        _ => string.Concat(char.ToUpperInvariant(service[0]).ToString(), service.AsSpan(1)),
    };
}
