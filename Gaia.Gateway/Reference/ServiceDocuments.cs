using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.OpenApi;

namespace Gaia.Gateway.Reference;

/// <summary>A service's own document.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Document">The newest that it gave; null when it never gave one.</param>
/// <param name="IsCurrent">False when it did not answer just now.</param>
internal sealed record ServiceDocument(string Service, JsonObject? Document, bool IsCurrent);

/// <summary>Fetches the documents of the services and keeps each for a minute. One that does not answer is asked again every time.</summary>
internal sealed partial class ServiceDocuments(IHttpClientFactory clients, TimeProvider time, ILogger<ServiceDocuments> logger)
{
    internal const string ClientName = "service-documents";

    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (JsonObject Document, long FetchedAt)> _kept = new(StringComparer.Ordinal);

    /// <param name="service">A service whose address is known; there are only as many as there are clusters.</param>
    internal async Task<ServiceDocument> GetAsync(string service, CancellationToken cancellationToken)
    {
        var known = _kept.TryGetValue(service, out var kept);
        if (known && time.GetElapsedTime(kept.FetchedAt) < MaxAge)
            return new ServiceDocument(service, kept.Document, IsCurrent: true);
        try
        {
            using var client = clients.CreateClient(ClientName);
            var json = await client.GetByteArrayAsync(new Uri($"http://{service}{ApiDescriptionExtensions.DocumentPath}"), cancellationToken);
            if (JsonNode.Parse(json) is JsonObject document && document["paths"] is JsonObject)
            {
                _kept[service] = (document, time.GetTimestamp());
                return new ServiceDocument(service, document, IsCurrent: true);
            }

            LogUnusable(service, "it is not an OpenAPI document");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnusable(service, failure.Message);
        }

        return new ServiceDocument(service, known ? kept.Document : null, IsCurrent: false);
    }

    [LoggerMessage(LogLevel.Debug, "The service {Service} gave no description of its routes: {Reason}")]
    private partial void LogUnusable(string service, string reason);
}
