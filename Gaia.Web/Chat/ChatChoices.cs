using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;

namespace Gaia.Web.Chat;

/// <summary>Who may answer: the models, which are the same for everybody and asked for once in a while, and the person's personas.</summary>
internal sealed class ChatChoices(ChatGateway gateway, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private Known _known = new([], DateTimeOffset.MinValue);

    /// <summary>Neither is needed to chat: where the gateway gives none the page does without.</summary>
    public async Task<(IReadOnlyList<Model> Models, IReadOnlyList<Persona> Personas)> GetAsync(CancellationToken cancellationToken)
    {
        var models = ModelsAsync(cancellationToken);
        var personas = OrNoneAsync(gateway.PersonasAsync(cancellationToken));
        return (await OrNoneAsync(models), await personas);
    }

    private async Task<IReadOnlyList<Model>> ModelsAsync(CancellationToken cancellationToken)
    {
        var known = _known;
        if (time.GetUtcNow() - known.At < Fresh)
            return known.Models;
        var models = await gateway.ModelsAsync(cancellationToken);
        _known = new Known(models, time.GetUtcNow());
        return models;
    }

    private static async Task<IReadOnlyList<T>> OrNoneAsync<T>(Task<IReadOnlyList<T>> asked)
    {
        try
        {
            return await asked;
        }
        catch (Exception exception) when (exception is GatewayException or DependencyUnavailableException)
        {
            return [];
        }
    }

    private sealed record Known(IReadOnlyList<Model> Models, DateTimeOffset At);
}
