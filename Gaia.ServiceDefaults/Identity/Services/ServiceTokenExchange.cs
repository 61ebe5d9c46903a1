using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.ServiceDefaults.Identity.Services;

/// <summary>The body of <c>POST /internal/service-token</c>.</summary>
/// <param name="ServiceName">Which service asks, such as <c>chat</c>; <c>chat-service</c> is the same.</param>
/// <param name="Claims">More claims for the token; none of its own may be among them.</param>
public sealed record ServiceTokenRequest(string? ServiceName, JsonElement? Claims = null);

/// <param name="Token">The service token.</param>
/// <param name="ExpiresIn">Seconds.</param>
public sealed record ServiceTokenResponse(string Token, int ExpiresIn, string TokenType = "Bearer")
{
    /// <summary>Without the token, for it must not reach a log.</summary>
    public override string ToString() => nameof(ServiceTokenResponse);
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceTokenRequest))]
[JsonSerializable(typeof(ServiceTokenResponse))]
public sealed partial class ServiceTokenJson : JsonSerializerContext;
