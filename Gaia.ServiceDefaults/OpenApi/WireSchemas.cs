using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Gaia.ServiceDefaults.OpenApi;

/// <summary>Corrects what the generator cannot know about the wire.</summary>
internal sealed class WireSchemas : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        var underlying = Nullable.GetUnderlyingType(type) ?? type;
        if (underlying == typeof(DateTime))
        {
            // Not a date-time of RFC 3339, which has an offset.
            schema.Type = JsonSchemaType.String | Nullability(type, schema);
            schema.Format = null;
            schema.Description ??= "UTC, without an offset: 2025-07-28T09:30:00.123456";
        }
        else if (schema.Type is { } types && types.HasFlag(JsonSchemaType.String) && (types & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
        {
            // Numbers in quotes are read, too; nobody should send them.
            schema.Type = types & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        // A field that is left out when it is null need not be there.
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull or JsonIgnoreCondition.WhenWritingDefault }])
                schema.Required?.Remove(property.Name);
        }

        return Task.CompletedTask;
    }

    private static JsonSchemaType Nullability(Type type, OpenApiSchema schema) =>
        Nullable.GetUnderlyingType(type) is not null || schema.Type?.HasFlag(JsonSchemaType.Null) == true ? JsonSchemaType.Null : default;
}
