using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.Web.Account;
using Gaia.Web.Sessions;
using Gaia.Web.Status;

namespace Gaia.Web;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
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
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string>>))]
internal sealed partial class WebJson : JsonSerializerContext;
