using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Gateway.Legacy;

/// <summary>What the legacy gateway answered by itself, beside its health.</summary>
internal static class LegacyEndpoints
{
    private const int MaxBodySize = 4 * 1024;

    private static readonly VersionInfo Info = new(
        "0.2",
        "stable",
        "The v0.2 API: one memory per user, models and personas chosen per request",
        ["Chat with memory per user, whole or as a stream", "Providers and models, chosen by hand or by what matters", "Personas", "Performance figures of every call"],
        new Dictionary<string, string>
        {
            ["chat"] = "/api/v0.2/chat",
            ["chat_stream"] = "/api/v0.2/chat/stream",
            ["providers"] = "/api/v0.2/providers",
            ["models"] = "/api/v0.2/models",
            ["asset_pricing"] = "/api/v0.2/assets/pricing",
            ["usage_tracking"] = "/api/v0.2/usage",
            ["personas"] = "/api/v0.2/personas",
            ["performance"] = "/api/v0.2/performance",
        });

    internal static void MapLegacy(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v0.2", static () => TypedResults.Json(Info, LegacyJson.Readable.VersionInfo))
            .WithTags("Platform")
            .WithSummary("What v0.2 of the API has")
            .Produces<VersionInfo>()
            .AllowAnonymous();
        routes.MapGet("/api/v0.2/health", static () => TypedResults.Json(new VersionHealth("healthy", "0.2"), LegacyJson.Readable.VersionHealth))
            .WithTags("Platform")
            .WithSummary("Whether v0.2 of the API is served")
            .WithDescription("It says nothing about the services: `GET /health` does.")
            .Produces<VersionHealth>()
            .AllowAnonymous();
        routes.MapPost("/calculator/add", AddAsync)
            .WithTags("Platform")
            .WithSummary("Add two numbers")
            .WithBody<Summands>(isOptional: true)
            .Produces<Sum>()
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .AllowAnonymous();
        routes.MapPending();
    }

    private static async Task<Results<JsonHttpResult<Sum>, JsonHttpResult<ValidationErrorBody>>> AddAsync(HttpContext http, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: true, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!TryReadNumber(body, "a", out var a, out var mistake) || !TryReadNumber(body, "b", out var b, out mistake))
            return mistake!;
        return TryAdd(a, b) is { } sum
            ? TypedResults.Json(new Sum(sum), LegacyJson.Readable.Sum)
            : LegacyResults.Invalid("finite_number", "a and b are too large to be added", "body");
    }

    private static bool TryReadNumber(JsonBody body, string name, out JsonElement number, out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        mistake = null;
        if (!body.TryGet(name, out number) || number.ValueKind == JsonValueKind.Number)
            return true;
        mistake = LegacyResults.Invalid("float_type", $"{name} must be a number", "body", name);
        return false;
    }

    /// <summary>Exact where both have at most 28 digits; null when the sum is no number any more.</summary>
    private static JsonElement? TryAdd(JsonElement a, JsonElement b)
    {
        if (Exact(a) is { } left && Exact(b) is { } right)
            return Parse((left + right).ToString(CultureInfo.InvariantCulture));
        var sum = Approximate(a) + Approximate(b);
        return double.IsFinite(sum) ? Parse(sum.ToString("R", CultureInfo.InvariantCulture)) : null;
    }

    /// <summary>Null for what is so large that a sum could overflow.</summary>
    private static decimal? Exact(JsonElement number) =>
        number.ValueKind != JsonValueKind.Number ? 0m
        : number.TryGetDecimal(out var value) && Math.Abs(value) < decimal.MaxValue / 2 ? value
        : null;

    private static double Approximate(JsonElement number) => number.ValueKind == JsonValueKind.Number ? number.GetDouble() : 0;

    private static JsonElement Parse(string number) => JsonElement.Parse(number);
}

/// <summary>The body of <c>GET /api/v0.2</c>.</summary>
internal sealed record VersionInfo(string Version, string Status, string Description, IReadOnlyList<string> Features, IReadOnlyDictionary<string, string> Endpoints);

internal sealed record VersionHealth(string Status, string Version);

/// <summary>The body of <c>POST /calculator/add</c>, for the description of the API: it is read field by field.</summary>
internal sealed record Summands(double A = 0, double B = 0);

internal sealed record Sum(JsonElement Result);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionInfo))]
[JsonSerializable(typeof(VersionHealth))]
[JsonSerializable(typeof(Sum))]
internal sealed partial class LegacyJson : JsonSerializerContext
{
    public static LegacyJson Readable => field ??= new(Default.Readable());
}
