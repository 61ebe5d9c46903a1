using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Gaia.ServiceDefaults.OpenApi;

/// <summary>
/// Each service describes its own routes in an OpenAPI document; the gateway puts them together and publishes what it routes.
/// </summary>
public static class ApiDescriptionExtensions
{
    /// <summary>The name of the only document.</summary>
    public const string DocumentName = "v1";

    /// <summary>Where a service serves its document. The gateway routes nothing there.</summary>
    public const string DocumentPath = "/openapi/v1.json";

    /// <summary>Describes the endpoints of this service, except those that say <c>ExcludeFromDescription</c> and <c>/internal</c>.</summary>
    public static WebApplicationBuilder AddApiDescription(this WebApplicationBuilder builder)
    {
        builder.Services.AddOpenApi(DocumentName, static options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = static description => description.RelativePath?.StartsWith("internal/", StringComparison.OrdinalIgnoreCase) != true;
            options.AddOperationTransformer<OperationRules>();
            options.AddSchemaTransformer<WireSchemas>();
            options.AddDocumentTransformer(static (document, _, _) =>
            {
                // Where this service listens is not where a client finds it.
                document.Servers = null;
                ApiSecurity.AddSchemes(document);
                return Task.CompletedTask;
            });
        });
        return builder;
    }

    /// <summary>
    /// Maps <see cref="DocumentPath"/>. Anonymous: it holds no data, the gateway publishes the same, and it has to be readable while
    /// Auth is away.
    /// </summary>
    public static void MapApiDescription(this IEndpointRouteBuilder routes) => routes.MapOpenApi().AllowAnonymous();
}
