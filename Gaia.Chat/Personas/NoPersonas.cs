namespace Gaia.Chat.Personas;

/// <summary>Nobody in particular speaks.</summary>
internal sealed class NoPersonas : IPersonaPrompts
{
    public ValueTask<PersonaPrompt?> ForAsync(Guid userId, string? personaId, string? activity, CancellationToken cancellationToken) =>
        ValueTask.FromResult<PersonaPrompt?>(PersonaPrompt.None);
}
