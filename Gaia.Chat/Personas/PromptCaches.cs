using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Memory;

namespace Gaia.Chat.Personas;

/// <summary>What lies in the caches of prompts, on the wire.</summary>
/// <param name="PersonaCacheKeys">A user's id and the persona that was asked for: <c>{user}:{persona}</c>.</param>
/// <param name="ToolsCacheKeys">Activities.</param>
public sealed record PromptCacheStats(
    int PersonaCacheEntries, int ToolsCacheEntries, IReadOnlyList<string> PersonaCacheKeys, IReadOnlyList<string> ToolsCacheKeys);

/// <summary>The prompts of personas by who asks for which, and what is told of tools by activity: in memory, and bounded.</summary>
internal sealed class PromptCaches(TimeProvider time) : IDisposable
{
    /// <summary>Characters, over all entries.</summary>
    private const long MaxSize = 16 * 1024 * 1024;

    /// <summary>What an entry takes beside its text.</summary>
    private const int Overhead = 256;

    private static readonly TimeSpan PersonaLifetime = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan ToolsLifetime = TimeSpan.FromSeconds(600);

    private readonly MemoryCache _personas = new(new MemoryCacheOptions { SizeLimit = MaxSize, CompactionPercentage = 0.1 });
    private readonly MemoryCache _tools = new(new MemoryCacheOptions { SizeLimit = MaxSize, CompactionPercentage = 0.1 });
    private long _forgotten;

    /// <summary>Grows whenever something is forgotten: what was begun before is not kept.</summary>
    public long Forgotten => Interlocked.Read(ref _forgotten);

    public bool TryGetPersona(Guid userId, string persona, [NotNullWhen(true)] out PersonaTemplate? template) =>
        _personas.TryGetValue(new PersonaKey(userId, persona), out template) && template is not null && time.GetUtcNow() - template.KnownSince < PersonaDirectory.ConfirmAfter;

    /// <param name="begun">What <see cref="Forgotten"/> was before the template was asked for.</param>
    public void KeepPersona(Guid userId, string persona, PersonaTemplate template, long begun)
    {
        if (begun != Forgotten)
            return;
        var key = new PersonaKey(userId, persona);
        _personas.Set(key, template, Entry(PersonaLifetime, template.Length));
        if (begun != Forgotten)
            _personas.Remove(key);
    }

    public string Tools(string activity, Func<string, string> describe, out bool isKnown)
    {
        isKnown = _tools.TryGetValue(activity, out string? known) && known is not null;
        if (isKnown)
            return known!;
        var text = describe(activity);
        _tools.Set(activity, text, Entry(ToolsLifetime, text.Length));
        return text;
    }

    /// <param name="userId">Whose; null for everybody's.</param>
    public void ForgetPersonas(string? userId)
    {
        Interlocked.Increment(ref _forgotten);
        if (userId is null)
        {
            _personas.Clear();
            return;
        }

        if (!Guid.TryParse(userId, out var user))
            return;
        foreach (var key in PersonaKeys(user))
            _personas.Remove(key);
    }

    /// <param name="activity">Which; null for all.</param>
    public void ForgetTools(string? activity)
    {
        if (activity is null)
            _tools.Clear();
        else
            _tools.Remove(activity);
    }

    /// <summary>What lies in the caches of this process.</summary>
    /// <param name="userId">Whose prompts; null for everybody's.</param>
    public PromptCacheStats Status(Guid? userId)
    {
        // A look at each of them, because those that have ended stay among the keys for a while.
        List<string> personas = [.. PersonaKeys(userId).Where(key => _personas.TryGetValue(key, out _)).Select(key => $"{key.UserId}:{key.Persona}").Order(StringComparer.Ordinal)];
        List<string> tools = [.. _tools.Keys.OfType<string>().Where(key => _tools.TryGetValue(key, out _)).Order(StringComparer.Ordinal)];
        return new PromptCacheStats(personas.Count, tools.Count, personas, tools);
    }

    public void Dispose()
    {
        _personas.Dispose();
        _tools.Dispose();
    }

    private IEnumerable<PersonaKey> PersonaKeys(Guid? userId) =>
        _personas.Keys.OfType<PersonaKey>().Where(key => userId is null || key.UserId == userId);

    private static MemoryCacheEntryOptions Entry(TimeSpan lifetime, int length) => new() { AbsoluteExpirationRelativeToNow = lifetime, Size = length + Overhead };

    private sealed record PersonaKey(Guid UserId, string Persona);
}
