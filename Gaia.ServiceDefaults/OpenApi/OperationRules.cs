using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Gaia.ServiceDefaults.OpenApi;

/// <summary>Gives each operation an id, and the credential that its endpoint asks for.</summary>
internal sealed class OperationRules : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.OperationId ??= Identify(context.Description.HttpMethod, context.Description.RelativePath);
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.Any(static item => item is IAuthorizeData or AuthorizationPolicy) && !metadata.Any(static item => item is IAllowAnonymous))
            operation.Security = ApiSecurity.Required(context.Document);
        return Task.CompletedTask;
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
