using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>The body of <c>POST /internal/validate</c>: one credential.</summary>
public sealed record ExchangeRequest(string? ApiKey = null, string? Token = null)
{
    /// <summary>Without the credential, for it must not reach a log.</summary>
    public override string ToString() => nameof(ExchangeRequest);
}

/// <summary>What Auth says of a credential.</summary>
/// <param name="Valid">Whether it may be used. Without it all but <paramref name="Error"/> is absent.</param>
/// <param name="AuthType"><c>user_api_key</c> or <c>jwt</c>.</param>
/// <param name="InternalToken">The internal token to use in its place.</param>
/// <param name="ExpiresAt">When the internal token ends, UTC.</param>
/// <param name="Error">Why the credential is refused.</param>
public sealed record ExchangeResponse(
    bool Valid,
    string? AuthType = null,
    Guid? UserId = null,
    Guid? ApiKeyId = null,
    string? Email = null,
    IReadOnlyList<string>? Scopes = null,
    string? InternalToken = null,
    DateTimeOffset? ExpiresAt = null,
    string? Error = null)
{
    /// <summary>Without the token, for it must not reach a log.</summary>
    public override string ToString() => $"{nameof(ExchangeResponse)} {{ Valid = {Valid} }}";
}

/// <summary>An internal token that stands for a credential, as it is cached.</summary>
/// <param name="UserId">Whose credential it is.</param>
/// <param name="InternalToken">The encoded token.</param>
/// <param name="ValidatedAt">When Auth last confirmed the credential.</param>
/// <param name="ExpiresAt">When the token ends.</param>
internal sealed record ExchangedCredential(Guid UserId, string InternalToken, DateTimeOffset ValidatedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>Set once the token has been verified in this process.</summary>
    [JsonIgnore]
    public ClaimsPrincipal? Principal { get; set; }

    public override string ToString() => nameof(ExchangedCredential);
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExchangeRequest))]
[JsonSerializable(typeof(ExchangeResponse))]
public sealed partial class IdentityJson : JsonSerializerContext;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ExchangedCredential))]
internal sealed partial class ExchangedCredentialJson : JsonSerializerContext;
