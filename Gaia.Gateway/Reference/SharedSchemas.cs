using System.Text.Json.Nodes;

namespace Gaia.Gateway.Reference;

/// <summary>
/// The schemas of several documents in one. Only those that an adopted operation needs get in. Where two services mean different
/// things by one name, the later one's is prefixed with the service.
/// </summary>
internal sealed class SharedSchemas
{
    private const string Prefix = "#/components/schemas/";

    private readonly SortedDictionary<string, JsonNode> _schemas = new(StringComparer.Ordinal);

    internal Source From(string service, JsonObject document) => new(this, service, document["components"]?["schemas"] as JsonObject ?? []);

    internal JsonObject Take() => new(_schemas.Select(static schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value)));

    /// <summary>Every string in here that refers to a schema: as <c>$ref</c>, or in the mapping of a discriminator.</summary>
    private static IEnumerable<JsonValue> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(static member => References(member.Value)),
        JsonArray items => items.SelectMany(References),
        JsonValue value when value.TryGetValue<string>(out var text) && text.StartsWith(Prefix, StringComparison.Ordinal) => [value],
        _ => [],
    };

    private static string NameOf(JsonValue reference) => reference.GetValue<string>()[Prefix.Length..];

    /// <summary>One service's schemas.</summary>
    internal sealed class Source
    {
        private readonly SharedSchemas _shared;
        private readonly JsonObject _schemas;
        private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

        internal Source(SharedSchemas shared, string service, JsonObject schemas)
        {
            _shared = shared;
            _schemas = schemas;
            var differing = Differing();
            foreach (var (name, _) in schemas)
                _names[name] = differing.Contains(name) ? $"{service}_{name}" : name;
        }

        /// <summary>A copy of the operation that refers to the shared schemas.</summary>
        internal JsonObject Adopt(JsonObject operation) => Rewrite(operation).AsObject();

        /// <summary>The names that mean something else already, by themselves or by what they refer to.</summary>
        private HashSet<string> Differing()
        {
            var differing = _schemas
                .Where(schema => _shared._schemas.TryGetValue(schema.Key, out var taken) && !JsonNode.DeepEquals(taken, schema.Value))
                .Select(static schema => schema.Key)
                .ToHashSet(StringComparer.Ordinal);
            while (differing.Count > 0)
            {
                var affected = _schemas
                    .Where(schema => !differing.Contains(schema.Key) && References(schema.Value).Any(reference => differing.Contains(NameOf(reference))))
                    .Select(static schema => schema.Key)
                    .ToList();
                if (affected.Count == 0)
                    break;
                differing.UnionWith(affected);
            }

            return differing;
        }

        private JsonNode Rewrite(JsonNode node)
        {
            var copy = node.DeepClone();
            foreach (var reference in References(copy).ToList())
            {
                var name = NameOf(reference);
                if (!_names.TryGetValue(name, out var shared))
                    continue;
                if (shared != name)
                    reference.ReplaceWith(Prefix + shared);
                if (_shared._schemas.TryAdd(shared, JsonValue.Create(0)))
                    _shared._schemas[shared] = Rewrite(_schemas[name]!);
            }

            return copy;
        }
    }
}
