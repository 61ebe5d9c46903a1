using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gaia.ServiceDefaults.Caching;
using Gaia.ServiceDefaults.Events;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Personas;

/// <summary>A persona, and the time of the oldest thing that says so.</summary>
internal sealed record KnownPersona(PersonaBody Persona, DateTimeOffset KnownSince);

/// <summary>
/// Reads personas through memory and Redis. Entries lie there as long as the contract says, and are dropped with every write: here
/// at once, in other replicas by an event. An event is a hint and Redis may keep what it was told to drop, so whatever is older
/// than <see cref="ConfirmAfter"/> is confirmed by its row before it is used: without NATS a change is seen everywhere by then.
/// </summary>
internal sealed class PersonaDirectory(
    TwoLevelCache cache, PromptCaches prompts, IEventBus events, IServiceScopeFactory scopes, IOptions<ChatSettings> settings, TimeProvider time)
{
    public const string DefaultName = "Mu";

    /// <summary>How long what is cached counts without a look at its row.</summary>
    public static readonly TimeSpan ConfirmAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PersonaLifetime = TimeSpan.FromSeconds(3600);
    private static readonly TimeSpan ListLifetime = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan ChoiceLifetime = TimeSpan.FromSeconds(600);

    /// <summary>Characters of text in a list that is cached: entries are counted, so none of them may be huge.</summary>
    private const int MaxCachedList = 256 * 1024;

    private readonly Guid _origin = Guid.NewGuid();

    /// <summary>An active persona that the user may use.</summary>
    public async ValueTask<KnownPersona?> FindAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(
            PersonaKey(id),
            PersonaCacheJson.Default.CachedPersona,
            async (store, since, cancellation) => await store.FindAsync(id, cancellation) is { } persona ? (new CachedPersona(persona, since), PersonaLifetime) : (null, default),
            cancellationToken);
        return found?.Persona.IsFor(userId) == true ? new KnownPersona(found.Persona, found.FetchedAt) : null;
    }

    /// <summary>A user's own and everybody's, the newest first.</summary>
    public async ValueTask<IReadOnlyList<PersonaBody>> ListAsync(Guid userId, bool activeOnly, CancellationToken cancellationToken)
    {
        var own = await ListAsync(userId.ToString(), activeOnly, cancellationToken);
        var shared = await ListAsync(PersonaBody.Everybodys, activeOnly, cancellationToken);
        return [.. own.Personas.Concat(shared.Personas).OrderByDescending(persona => persona.CreatedAt).ThenByDescending(persona => persona.Id)];
    }

    /// <summary>An active persona by its id or name.</summary>
    public ValueTask<KnownPersona?> FindAsync(Guid userId, string idOrName, CancellationToken cancellationToken) =>
        Guid.TryParse(idOrName, out var id) ? FindAsync(userId, id, cancellationToken) : FindNamedAsync(userId, idOrName, cancellationToken);

    /// <summary>An active persona by its name: a user's own before everybody's, the very name before one in other letters.</summary>
    private async ValueTask<KnownPersona?> FindNamedAsync(Guid userId, string name, CancellationToken cancellationToken)
    {
        var own = await ListAsync(userId.ToString(), activeOnly: true, cancellationToken);
        var shared = await ListAsync(PersonaBody.Everybodys, activeOnly: true, cancellationToken);
        foreach (var comparison in (ReadOnlySpan<StringComparison>)[StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase])
        {
            foreach (var list in (ReadOnlySpan<CachedPersonas>)[own, shared])
            {
                if (list.Personas.FirstOrDefault(persona => persona.Name.Equals(name, comparison)) is { } persona)
                    return new KnownPersona(persona, Earlier(own.FetchedAt, shared.FetchedAt));
            }
        }

        return null;
    }

    /// <summary>What the user has chosen and may still use.</summary>
    public async ValueTask<KnownPersona?> ChosenAsync(Guid userId, CancellationToken cancellationToken)
    {
        var choice = (await ReadAsync(
            ChoiceKey(userId.ToString()),
            PersonaCacheJson.Default.CachedChoice,
            async (store, since, cancellation) => (new CachedChoice(await store.ChoiceAsync(userId, cancellation), since), ChoiceLifetime),
            cancellationToken))!;
        return choice.PersonaId is { } id && await FindAsync(userId, id, cancellationToken) is { } chosen
            ? chosen with { KnownSince = Earlier(chosen.KnownSince, choice.FetchedAt) }
            : null;
    }

    /// <summary>Who answers those who have chosen nobody, if an operator has not left them alone: a persona is shown all the same.</summary>
    public ValueTask<KnownPersona> DefaultAsync(CancellationToken cancellationToken) =>
        DefaultAsync(settings.Value.DefaultPersona is { Length: > 0 } name ? name : DefaultName, cancellationToken);

    /// <summary>One of everybody's by its name, or the default one, which is made where it is missing.</summary>
    public async ValueTask<KnownPersona> DefaultAsync(string name, CancellationToken cancellationToken)
    {
        var shared = await ListAsync(PersonaBody.Everybodys, activeOnly: true, cancellationToken);
        if (Find(name) is { } wished)
            return new KnownPersona(wished, shared.FetchedAt);
        if (Find(DefaultName) is null)
        {
            await InitializeAsync(cancellationToken);
            shared = await ListAsync(PersonaBody.Everybodys, activeOnly: true, cancellationToken);
        }

        return new KnownPersona(Find(DefaultName) ?? throw new InvalidOperationException($"The persona {DefaultName} is neither there nor can it be made."), shared.FetchedAt);

        PersonaBody? Find(string wanted) => shared.Personas.FirstOrDefault(persona => persona.Name == wanted);
    }

    /// <summary>Makes the default persona where there is none. True when it was made now.</summary>
    public async Task<bool> InitializeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var made = await scope.ServiceProvider.GetRequiredService<PersonaStore>().SeedDefaultAsync(cancellationToken);
        // Also when it was there: what is cached says that it was not.
        await ChangedAsync(null, null);
        return made;
    }

    /// <summary>Says that a persona of everybody's or of one user has changed, here and to all replicas.</summary>
    public Task ChangedAsync(PersonaBody persona) => ChangedAsync(persona.Id, persona.IsEverybodys() ? null : persona.CreatedBy);

    /// <param name="userId">Whose; null for everybody's.</param>
    public async Task ChangedAsync(Guid? personaId, string? userId)
    {
        await ForgetAsync(personaId, userId);
        events.Publish(new PersonaChangedEvent(_origin, personaId, userId, time.GetUtcNow().UtcDateTime));
    }

    /// <summary>Takes in what a replica says; what this one said has been done.</summary>
    public Task HearAsync(PersonaChangedEvent changed) => changed.Origin == _origin ? Task.CompletedTask : ForgetAsync(changed.PersonaId, changed.UserId);

    /// <summary>Drops what is cached, in Redis too: another replica may have put there what it had read just before.</summary>
    private async Task ForgetAsync(Guid? personaId, string? userId)
    {
        List<string> keys = userId is null
            ? [ListKey(PersonaBody.Everybodys, activeOnly: true), ListKey(PersonaBody.Everybodys, activeOnly: false)]
            : [ListKey(userId, activeOnly: true), ListKey(userId, activeOnly: false), ChoiceKey(userId)];
        if (personaId is { } id)
            keys.Add(PersonaKey(id));
        await Task.WhenAll(keys.Select(cache.RemoveAsync));
        // After what they were made from.
        prompts.ForgetPersonas(userId);
    }

    private async ValueTask<CachedPersonas> ListAsync(string owner, bool activeOnly, CancellationToken cancellationToken) => (await ReadAsync(
        ListKey(owner, activeOnly),
        PersonaCacheJson.Default.CachedPersonas,
        async (store, since, cancellation) =>
        {
            var personas = await store.ListAsync(owner, activeOnly, cancellation);
            var size = personas.Sum(persona => persona.SystemPrompt.Length + persona.Description.Length);
            return (new CachedPersonas(personas, since), size <= MaxCachedList ? ListLifetime : TimeSpan.Zero);
        },
        cancellationToken))!;

    /// <summary>A renewal is shared and outlives the request that began it, so it has a connection of its own.</summary>
    private ValueTask<T?> ReadAsync<T>(
        string key, JsonTypeInfo<T> type, Func<PersonaStore, DateTimeOffset, CancellationToken, Task<(T? Value, TimeSpan Lifetime)>> fetch, CancellationToken cancellationToken)
        where T : class, IFetched =>
        cache.GetOrRenewAsync(
            key,
            type,
            value => time.GetUtcNow() - value.FetchedAt < ConfirmAfter,
            async (_, cancellation) =>
            {
                // Before the question: what changes while it is under way makes the answer old.
                var since = time.GetUtcNow();
                await using var scope = scopes.CreateAsyncScope();
                return await fetch(scope.ServiceProvider.GetRequiredService<PersonaStore>(), since, cancellation);
            },
            cancellationToken);

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static string PersonaKey(Guid id) => $"persona:{id}";

    private static string ListKey(string owner, bool activeOnly) =>
        $"personas:list:{(activeOnly ? "active" : "all")}{(owner == PersonaBody.Everybodys ? "" : ":" + owner)}";

    private static string ChoiceKey(string userId) => $"user:persona:preference:{userId}";
}

/// <summary>What is cached knows when its row was read.</summary>
internal interface IFetched
{
    DateTimeOffset FetchedAt { get; }
}

internal sealed record CachedPersona(PersonaBody Persona, DateTimeOffset FetchedAt) : IFetched;

internal sealed record CachedPersonas(IReadOnlyList<PersonaBody> Personas, DateTimeOffset FetchedAt) : IFetched;

/// <param name="PersonaId">Null when the user has chosen none.</param>
internal sealed record CachedChoice(Guid? PersonaId, DateTimeOffset FetchedAt) : IFetched;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CachedPersona))]
[JsonSerializable(typeof(CachedPersonas))]
[JsonSerializable(typeof(CachedChoice))]
internal sealed partial class PersonaCacheJson : JsonSerializerContext;
