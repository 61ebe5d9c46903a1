using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Auth.Users;

/// <summary>What login, register and refresh answer.</summary>
/// <param name="User">As GoTrue writes it.</param>
/// <param name="Session">As GoTrue writes it; null when the address has to be confirmed first.</param>
internal sealed record SessionBody(JsonElement User, JsonElement? Session);

internal sealed record MessageBody(string Message);

internal sealed record ConfirmedBody(string Message, JsonElement User);

internal sealed record ResentBody(string Message, JsonElement Result);

/// <summary>What validate answers; nothing in it says why a credential does not count.</summary>
/// <param name="AuthType"><c>jwt</c>, <c>service_jwt</c>, <c>api_key</c> or <c>none</c>.</param>
internal sealed record ValidationBody(bool Valid, string AuthType, string? UserId, string? Error);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionBody))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(ConfirmedBody))]
[JsonSerializable(typeof(ResentBody))]
[JsonSerializable(typeof(ValidationBody))]
[JsonSerializable(typeof(GoTrueUser))]
[JsonSerializable(typeof(UpdateUserRequest))]
internal sealed partial class UserJson : JsonSerializerContext
{
    public static UserJson Readable => field ??= new(Default.Readable());
}
