using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Gaia.ServiceDefaults.OpenApi;

/// <summary>Gives each operation an id, the credential that its endpoint asks for, and the body that it reads by itself.</summary>
internal sealed class OperationRules : IOpenApiOperationTransformer
{
    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.OperationId ??= Identify(context.Description.HttpMethod, context.Description.RelativePath);
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.Any(static item => item is IAuthorizeData or AuthorizationPolicy) && !metadata.Any(static item => item is IAllowAnonymous))
            operation.Security = ApiSecurity.Required(context.Document);
        if (metadata.OfType<DescribedBody>().LastOrDefault() is not { } body)
            return;

        var name = body.Type.Name;
        context.Document!.AddComponent<IOpenApiSchema>(name, await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken));
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = !body.IsOptional,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchemaReference(name, context.Document) } },
        };
    }

    /// <summary><c>get_api_v1_conversations_id_messages</c>: what is one of its kind by itself, in every service.</summary>
    private static string Identify(string? method, string? path)
    {
        var id = new StringBuilder((method ?? "any").ToLowerInvariant());
        var gap = true;
        foreach (var character in path ?? "")
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                gap = true;
                continue;
            }

            if (gap)
                id.Append('_');
            gap = false;
            id.Append(char.ToLowerInvariant(character));
        }

        return id.ToString();
    }
}
