using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.Health;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Gaia.Gateway.Reference;

/// <summary>A document as it is sent.</summary>
internal sealed record PublishedDocument(byte[] Json, EntityTagHeaderValue Tag);

/// <summary>The OpenAPI document of everything that the gateway serves: its own routes, and those of the services that it routes.</summary>
internal sealed class PublicApi(
    ServiceDocuments documents,
    ExposedRoutes routes,
    [FromKeyedServices(ApiDescriptionExtensions.DocumentName)] IOpenApiDocumentProvider own,
    TimeProvider time)
{
    /// <summary>Names the services that did not answer.</summary>
    internal const string UnavailableField = "x-gaia-unavailable";

    private readonly Coalesced<PublishedDocument> _shared = new(TimeSpan.FromSeconds(2), time);

    internal Task<PublishedDocument> GetAsync(CancellationToken cancellationToken) => _shared.GetAsync(BuildAsync, cancellationToken);

    private async Task<PublishedDocument> BuildAsync()
    {
        var services = await Task.WhenAll(routes.Services().Select(service => service.IsKnown
            ? documents.GetAsync(service.Name, CancellationToken.None)
            : Task.FromResult(new ServiceDocument(service.Name, null, IsCurrent: false))));

        var merged = new MergedDocument(routes.Read());
        merged.AddOwn(await OwnAsync());
        foreach (var service in services)
        {
            if (service.Document is not null)
                merged.Add(service.Service, service.Document);
        }

        var json = merged.ToJson([.. services.Where(service => !service.IsCurrent).Select(service => service.Service)]);
        // Weak, because it stands for the compressed forms as well.
        return new PublishedDocument(json, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 16))}\"", isWeak: true));
    }

    private async Task<JsonObject> OwnAsync()
    {
        var document = await own.GetOpenApiDocumentAsync();
        return JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1))!.AsObject();
    }
}
