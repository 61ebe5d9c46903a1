using Microsoft.Extensions.Options;

namespace Gaia.Chat.Personas;

/// <summary>
/// A persona's prompt, cut where what there is to say of tools goes in. That is the first placeholder; any other is left out, so
/// that nobody's text makes a prompt grow, and a placeholder in what goes in is text like any other.
/// </summary>
/// <param name="After">Null when there is no placeholder.</param>
internal sealed record PersonaTemplate(Guid Id, string Name, string Before, string? After, DateTimeOffset KnownSince)
{
    public const string Placeholder = "{tools_section}";

    public int Length => Before.Length + (After?.Length ?? 0);

    public static PersonaTemplate Of(KnownPersona known)
    {
        var (persona, prompt) = (known.Persona, known.Persona.SystemPrompt);
        var place = prompt.IndexOf(Placeholder, StringComparison.Ordinal);
        return place < 0
            ? new PersonaTemplate(persona.Id, persona.Name, prompt, null, known.KnownSince)
            : new PersonaTemplate(
                persona.Id,
                persona.Name,
                prompt[..place],
                prompt[(place + Placeholder.Length)..].Replace(Placeholder, "", StringComparison.Ordinal),
                known.KnownSince);
    }

    public PersonaPrompt Fill(string tools, bool fromCache, bool toolsFromCache) => new(Id, Name, After is null ? Before : string.Concat(Before, tools, After), fromCache, toolsFromCache);
}

/// <summary>What a model is told of the tools that it has.</summary>
internal static class ToolInstructions
{
    public const string DefaultActivity = "generic";

    /// <summary>Until servers of tools are connected there are none, whatever the activity.</summary>
    public const string None = "You have no tools in this conversation: never say that you used one.";

    /// <summary>Activities that are told apart. Any other text of a client is no key of a cache.</summary>
    private static readonly string[] Activities = [DefaultActivity, "greeting", "conversation", "technical", "creative", "vr", "emergency", "multimodal"];

    public static string ActivityOf(string? sent) =>
        Array.Find(Activities, known => known.Equals(sent, StringComparison.OrdinalIgnoreCase)) ?? DefaultActivity;
}

/// <inheritdoc cref="IPersonaPrompts"/>
internal sealed class PersonaPrompts(PersonaDirectory directory, PromptCaches caches, IOptions<ChatSettings> settings) : IPersonaPrompts
{
    /// <summary>What legacy clients send for no wish of their own.</summary>
    public const string NoWish = "default";

    public ValueTask<PersonaPrompt?> ForAsync(Guid userId, string? personaId, string? activity, CancellationToken cancellationToken)
    {
        var wish = Wish(personaId);
        return caches.TryGetPersona(userId, wish, out var template)
            ? new(Fill(template, activity, fromCache: true))
            : FindAsync(userId, wish, activity, cancellationToken);
    }

    private async ValueTask<PersonaPrompt?> FindAsync(Guid userId, string wish, string? activity, CancellationToken cancellationToken)
    {
        var begun = caches.Forgotten;
        KnownPersona? known;
        if (wish == NoWish)
        {
            known = await directory.ChosenAsync(userId, cancellationToken);
            if (known is null && settings.Value.DefaultPersona is { Length: > 0 } name)
                known = await directory.DefaultAsync(name, cancellationToken);
            if (known is null)
                return PersonaPrompt.None;
        }
        else
        {
            known = await directory.FindAsync(userId, wish, cancellationToken);
            if (known is null)
                return null;
        }

        var template = PersonaTemplate.Of(known);
        caches.KeepPersona(userId, wish, template, begun);
        return Fill(template, activity, fromCache: false);
    }

    private PersonaPrompt Fill(PersonaTemplate template, string? activity, bool fromCache)
    {
        var tools = caches.Tools(ToolInstructions.ActivityOf(activity), static _ => ToolInstructions.None, out var known);
        return template.Fill(tools, fromCache, known);
    }

    private static string Wish(string? personaId) => personaId?.Trim() switch
    {
        null or "" => NoWish,
        var wish when wish.Equals(NoWish, StringComparison.OrdinalIgnoreCase) => NoWish,
        // One key, however the id is written.
        var wish when Guid.TryParse(wish, out var id) => id.ToString(),
        var wish => wish,
    };
}
