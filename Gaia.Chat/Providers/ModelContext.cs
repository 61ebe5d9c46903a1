using System.Buffers;

namespace Gaia.Chat.Providers;

/// <summary>What a kind of talk asks of a model, unless the request says otherwise.</summary>
/// <param name="Name">Of <see cref="ModelTerms.Contexts"/>.</param>
/// <param name="Priority">Of <see cref="ModelTerms.Priorities"/>.</param>
/// <param name="MaxResponseMs">Milliseconds until the answer begins.</param>
internal sealed record ModelContext(string Name, string Priority, int MaxResponseMs, IReadOnlyList<string> Capabilities)
{
    /// <summary>Words further on say little about what kind of talk it is, and a message may be long.</summary>
    private const int ReadLength = 2000;

    private const int GreetingWords = 5;

    private static readonly Dictionary<string, ModelContext> All = new[]
    {
        new ModelContext(ModelTerms.Greeting, ModelTerms.Speed, 500, [ModelTerms.Chat]),
        new ModelContext(ModelTerms.Vr, ModelTerms.Vr, 700, [ModelTerms.Chat, ModelTerms.Streaming]),
        new ModelContext(ModelTerms.Conversation, ModelTerms.Balanced, 2000, [ModelTerms.Chat, ModelTerms.Streaming]),
        new ModelContext(ModelTerms.Technical, ModelTerms.Quality, 3000, [ModelTerms.Chat, ModelTerms.ToolCalling, ModelTerms.CodeGeneration]),
        new ModelContext(ModelTerms.Creative, ModelTerms.Quality, 3000, [ModelTerms.Chat, ModelTerms.LongContext]),
        new ModelContext(ModelTerms.Emergency, ModelTerms.Speed, 300, [ModelTerms.Chat]),
        new ModelContext(ModelTerms.Multimodal, ModelTerms.Quality, 5000, [ModelTerms.Chat, ModelTerms.Vision, ModelTerms.Multimodal]),
    }.ToDictionary(context => context.Name, StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, string> Activities = new(StringComparer.OrdinalIgnoreCase)
    {
        ["vr"] = ModelTerms.Vr,
        ["ar"] = ModelTerms.Vr,
        ["xr"] = ModelTerms.Vr,
        ["metaverse"] = ModelTerms.Vr,
        ["technical"] = ModelTerms.Technical,
        ["coding"] = ModelTerms.Technical,
        ["programming"] = ModelTerms.Technical,
        ["creative"] = ModelTerms.Creative,
        ["writing"] = ModelTerms.Creative,
        ["art"] = ModelTerms.Creative,
    };

    private static readonly SearchValues<string> MultimodalWords = Words("image", "picture", "photo", "screenshot", "diagram", "look at this");
    private static readonly SearchValues<string> GreetingStarts = Words("hello", "hi", "hey", "good morning", "good afternoon", "good evening", "greetings");
    private static readonly SearchValues<string> TechnicalWords = Words(
        "code", "function", "debug", "program", "algorithm", "compile", "exception", "stack trace", "database", "sql", "python", "javascript", "c#", "api");
    private static readonly SearchValues<string> CreativeWords = Words("story", "poem", "novel", "creative", "imagine", "lyrics", "fiction", "write a song");
    private static readonly SearchValues<string> EmergencyWords = Words("emergency", "urgent", "asap", "immediately", "right now");

    public static ModelContext Ordinary { get; } = All[ModelTerms.Conversation];

    public static ModelContext Of(ModelWish wish) => All[
        ModelTerms.Find(ModelTerms.Contexts, wish.ContextType)
        ?? (wish.Activity is { } activity && Activities.TryGetValue(activity.Trim(), out var known) ? known : Read(wish.Message))];

    private static string Read(string message)
    {
        var text = message.AsSpan(0, Math.Min(message.Length, ReadLength));
        if (Holds(text, MultimodalWords))
            return ModelTerms.Multimodal;
        if (IsShort(text) && Holds(text, GreetingStarts))
            return ModelTerms.Greeting;
        if (Holds(text, TechnicalWords))
            return ModelTerms.Technical;
        if (Holds(text, CreativeWords))
            return ModelTerms.Creative;
        return Holds(text, EmergencyWords) ? ModelTerms.Emergency : ModelTerms.Conversation;
    }

    private static SearchValues<string> Words(params string[] words) => SearchValues.Create(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether one of the words begins a word of the text: <c>hi</c> is not in <c>think</c>, <c>debug</c> is in <c>debugging</c>.</summary>
    private static bool Holds(ReadOnlySpan<char> text, SearchValues<string> words)
    {
        for (var start = 0; start < text.Length;)
        {
            var found = text[start..].IndexOfAny(words);
            if (found < 0)
                return false;
            if (start + found == 0 || !char.IsLetterOrDigit(text[start + found - 1]))
                return true;
            start += found + 1;
        }

        return false;
    }

    private static bool IsShort(ReadOnlySpan<char> text)
    {
        var words = 0;
        foreach (var range in text.SplitAny(' ', '\n', '\t'))
        {
            if (range.End.Value > range.Start.Value && ++words > GreetingWords)
                return false;
        }

        return true;
    }
}
