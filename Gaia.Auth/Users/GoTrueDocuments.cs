using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.Auth.Users;

/// <summary>A user as GoTrue writes it. Times are RFC 3339 with a Z, as there.</summary>
internal sealed record GoTrueUser(
    Guid Id,
    string Aud,
    string Role,
    string Email,
    string? EmailConfirmedAt,
    string Phone,
    string? ConfirmationSentAt,
    string? ConfirmedAt,
    string? LastSignInAt,
    GoTrueAppMetadata AppMetadata,
    GoTrueUserMetadata UserMetadata,
    IReadOnlyList<GoTrueIdentity> Identities,
    IReadOnlyList<string>? Factors,
    string CreatedAt,
    string UpdatedAt,
    bool IsAnonymous)
{
    internal const string Authenticated = "authenticated";

    /// <param name="account">How the user signs in.</param>
    /// <param name="name">How the user is called, where that is known.</param>
    public static GoTrueUser Of(Account account, string? name)
    {
        var id = account.UserId ?? account.Id;
        var metadata = new GoTrueUserMetadata(account.Email, account.EmailConfirmedAt is not null, name);
        var (created, signedIn) = (Text(account.CreatedAt), Text(account.LastSignInAt));
        return new GoTrueUser(
            id, Authenticated, Authenticated, account.Email,
            Text(account.EmailConfirmedAt), "", Text(account.ConfirmationSentAt), Text(account.EmailConfirmedAt), signedIn,
            GoTrueAppMetadata.Email, metadata,
            [new GoTrueIdentity(account.Id, id.ToString(), id, new GoTrueIdentityData(id, account.Email, account.EmailConfirmedAt is not null), "email", signedIn, created, created, account.Email)],
            null, created, Text(account.UpdatedAt), IsAnonymous: false);
    }

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(time))]
    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}

/// <param name="Roles">Only where the user asks who that is.</param>
/// <param name="Permissions">There, too: what the user may do everywhere, as <c>type:action</c>.</param>
internal sealed record GoTrueAppMetadata(
    string Provider,
    IReadOnlyList<string> Providers,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Roles = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Permissions = null)
{
    public static GoTrueAppMetadata Email { get; } = new("email", ["email"]);
}

internal sealed record GoTrueUserMetadata(
    string Email,
    bool EmailVerified,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name);

internal sealed record GoTrueIdentityData(Guid Sub, string Email, bool EmailVerified);

internal sealed record GoTrueIdentity(
    Guid IdentityId,
    string Id,
    Guid UserId,
    GoTrueIdentityData IdentityData,
    string Provider,
    string? LastSignInAt,
    string CreatedAt,
    string UpdatedAt,
    string Email);

/// <summary>A session as GoTrue writes it.</summary>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="ExpiresAt">Seconds since 1970.</param>
internal sealed record GoTrueSession(
    string? ProviderToken,
    string? ProviderRefreshToken,
    string AccessToken,
    string RefreshToken,
    int ExpiresIn,
    long ExpiresAt,
    string TokenType,
    GoTrueUser User)
{
    /// <summary>Without the tokens, for they must not reach a log.</summary>
    public override string ToString() => nameof(GoTrueSession);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GoTrueUser))]
[JsonSerializable(typeof(GoTrueSession))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class GoTrueJson : JsonSerializerContext;
