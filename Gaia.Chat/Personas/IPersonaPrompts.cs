namespace Gaia.Chat.Personas;

/// <summary>Tells who speaks in a turn.</summary>
internal interface IPersonaPrompts
{
    /// <summary>
    /// The persona that a request names, or else the one that the user has set, or else the default one. Null when the request
    /// names one that the user may not use.
    /// </summary>
    /// <param name="personaId">As sent: an id or a name; null, empty or <c>default</c> for none.</param>
    /// <param name="activity">What the user is about, as sent; decides what is told of tools.</param>
    ValueTask<PersonaPrompt?> ForAsync(Guid userId, string? personaId, string? activity, CancellationToken cancellationToken);
}

/// <param name="Id">Null for none.</param>
/// <param name="SystemPrompt">As a model is told it; empty for nothing.</param>
/// <param name="FromCache">Whether it was at hand.</param>
/// <param name="ToolsFromCache">Whether what it is told of tools was.</param>
internal sealed record PersonaPrompt(Guid? Id, string Name, string SystemPrompt, bool FromCache, bool ToolsFromCache)
{
    public static PersonaPrompt None { get; } = new(null, "", "", FromCache: true, ToolsFromCache: true);
}
