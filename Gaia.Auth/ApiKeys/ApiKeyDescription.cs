using System.ComponentModel;

namespace Gaia.Auth.ApiKeys;

// The bodies of the routes for API keys, for the description of the API: they are read field by field, in ApiKeyRequest.

public sealed record NewApiKeyBody(
    [property: Description("What the key is for.")] string Name,
    [property: Description("What it is limited to, as `resource:action`: `chat:create`, `kb:*`. None is no limit.")] IReadOnlyList<string>? Scopes = null,
    [property: Description("When it ends, in ISO 8601. Either this or `expires_in_days`.")] string? ExpiresAt = null,
    [property: Description("In how many days it ends.")] int? ExpiresInDays = null);

public sealed record ApiKeyNameBody([property: Description("What the key is for.")] string Name);

public sealed record RotationBody([property: Description("How long the former key counts beside the new one.")] int? OverlapSeconds = null);

public sealed record DueRotationBody(
    [property: Description("How old a key may be; what the policy says when absent.")] int? OlderThanDays = null,
    [property: Description("How long a former key counts beside the new one.")] int? OverlapSeconds = null);
