using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Personas;

/// <summary>A persona on the wire, and as it is cached.</summary>
/// <param name="SystemPrompt">As it was written: the placeholder for tools is still in it.</param>
/// <param name="CreatedBy">Whose own it is; null or <c>system</c> for everybody's.</param>
public sealed record PersonaBody(
    string Name,
    string Description,
    string SystemPrompt,
    IReadOnlyDictionary<string, JsonElement> PersonalityTraits,
    IReadOnlyDictionary<string, JsonElement> Capabilities,
    Guid Id,
    bool IsActive,
    string? CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    internal const string Everybodys = "system";

    internal bool IsEverybodys() => CreatedBy is null or Everybodys;

    internal bool IsFor(Guid userId) => IsEverybodys() || CreatedBy == userId.ToString();
}

public sealed record PersonaAnswer(bool Success, string Message, PersonaBody Persona);

public sealed record PersonaList(bool Success, IReadOnlyList<PersonaBody> Personas, int Total, string Message);

public sealed record DeletedPersona(bool Success, string Message, Guid PersonaId);

public sealed record ChosenPersona(bool Success, string Message, Guid PersonaId, string PersonaName, Guid UserId, DateTimeOffset UpdatedAt);

public sealed record InitializedPersona(bool Success, string Message, PersonaBody Persona, bool WasCreated);

/// <summary>What makes a persona, for the description of the API: it is read field by field.</summary>
public sealed record NewPersonaBody(
    [property: Description("Up to 100 characters, once among your own.")] string Name,
    [property: Description("Up to 2000 characters.")] string Description,
    [property: Description("What a model is told, up to 20000 characters. {tools_section} in it stands for what there is to say of tools.")] string SystemPrompt,
    IReadOnlyDictionary<string, JsonElement>? PersonalityTraits = null,
    IReadOnlyDictionary<string, JsonElement>? Capabilities = null);

/// <summary>What changes a persona, for the description of the API. What is left out stays as it is.</summary>
public sealed record PersonaChangesBody(
    string? Name = null,
    string? Description = null,
    string? SystemPrompt = null,
    IReadOnlyDictionary<string, JsonElement>? PersonalityTraits = null,
    IReadOnlyDictionary<string, JsonElement>? Capabilities = null,
    [property: Description("True takes a deleted one back.")] bool? IsActive = null);

/// <summary>Which persona answers from now on, for the description of the API.</summary>
public sealed record PersonaChoiceBody([property: Description("The id or the name of one of your own or of everybody's; `default` for the default one.")] string PersonaId);

/// <summary>Personas have always told their times with an offset: <c>2025-07-28T09:30:00.123456+00:00</c>.</summary>
internal sealed class OffsetTimestampConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter), typeof(OffsetTimestampConverter)])]
[JsonSerializable(typeof(PersonaAnswer))]
[JsonSerializable(typeof(PersonaList))]
[JsonSerializable(typeof(DeletedPersona))]
[JsonSerializable(typeof(ChosenPersona))]
[JsonSerializable(typeof(InitializedPersona))]
[JsonSerializable(typeof(InvalidatedCaches))]
[JsonSerializable(typeof(PromptCacheReport))]
internal sealed partial class PersonaJson : JsonSerializerContext
{
    public static PersonaJson Readable => field ??= new(Default.Readable());
}
