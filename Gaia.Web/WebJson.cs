using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.Web.Account;
using Gaia.Web.Profile;
using Gaia.Web.Sessions;
using Gaia.Web.Status;

namespace Gaia.Web;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GatewayHealth))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(SessionTokens))]
[JsonSerializable(typeof(SessionEndedEvent))]
[JsonSerializable(typeof(CredentialsBody))]
[JsonSerializable(typeof(RefreshBody))]
[JsonSerializable(typeof(ConfirmationBody))]
[JsonSerializable(typeof(EmailBody))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(SessionBody))]
[JsonSerializable(typeof(SessionUserBody))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(KeyAnswer))]
[JsonSerializable(typeof(KeyListAnswer))]
[JsonSerializable(typeof(NewKeyBody))]
[JsonSerializable(typeof(KeyNameBody))]
[JsonSerializable(typeof(UpdateUserBody))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string>>))]
internal sealed partial class WebJson : JsonSerializerContext;
