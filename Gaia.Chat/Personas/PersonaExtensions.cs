using System.Security.Claims;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.Chat.Personas;

internal static class PersonaExtensions
{
    internal static void AddPersonas(this IServiceCollection services)
    {
        services.AddScoped<PersonaStore>();
        services.AddSingleton<PersonaDirectory>();
        services.AddSingleton<PromptCaches>();
        services.AddSingleton<IPersonaPrompts, PersonaPrompts>();
        services.AddEventConsumer<PersonaChangedEvent, PersonaChangedConsumer>(PersonaChangedEvent.ChangedSubject);
    }

    /// <summary>Whether the caller may change what is everybody's: who may use the administration, with a credential that may.</summary>
    internal static ValueTask<bool> IsAdministratorAsync(this PermissionStore permissions, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        permissions.AllowsAsync(user, "api", "access", "/api/v1/admin", cancellationToken: cancellationToken);
}

/// <summary>Drops what is cached of personas as soon as another replica has changed them.</summary>
internal sealed class PersonaChangedConsumer(PersonaDirectory directory) : IEventConsumer<PersonaChangedEvent>
{
    public Task HandleAsync(PersonaChangedEvent value, CancellationToken cancellationToken) => directory.HearAsync(value);
}
