using System.Text.RegularExpressions;

namespace Gaia.Chat.Providers.Local;

/// <summary>Who the system message says that the assistant is: a name, a description, a manner, and phrases it likes to use.</summary>
internal sealed partial class Persona
{
    private const int MaxPrompt = 20_000;

    private static readonly string[] CheerfulWords =
        ["cheerful", "upbeat", "happy", "enthusiastic", "energetic", "playful", "joyful", "optimistic", "bubbly", "excited", "fun", "friendly", "warm"];

    private static readonly string[] FormalWords = ["formal", "professional", "polite", "butler", "courteous", "dignified", "serious"];

    private static readonly string[] TerseWords = ["concise", "terse", "brief", "laconic", "succinct", "short"];

    private Persona()
    {
    }

    public string? Name { get; private init; }

    /// <summary>"a cheerful robot companion", or null.</summary>
    public string? Description { get; private init; }

    public bool IsCheerful { get; private init; }

    public bool IsFormal { get; private init; }

    public bool IsTerse { get; private init; }

    /// <summary>Phrases it may use now and then.</summary>
    public IReadOnlyList<string> Phrases { get; private init; } = [];

    /// <summary>Said at the beginning, or the end, of each answer.</summary>
    public string? Opening { get; private init; }

    public string? Closing { get; private init; }

    /// <summary>What the prompt says about "you" in plain statements, such as "Your favourite colour is teal."</summary>
    public IReadOnlyList<Statement> Traits { get; private init; } = [];

    public static Persona Of(string prompt)
    {
        if (prompt.Length > MaxPrompt)
            prompt = prompt[..MaxPrompt];
        var name = Named(prompt);
        var words = Words.Of(prompt).Select(word => word.Key).ToHashSet(StringComparer.Ordinal);
        return new Persona
        {
            Name = name,
            Description = Describe(prompt, name),
            IsCheerful = CheerfulWords.Any(words.Contains),
            IsFormal = FormalWords.Any(words.Contains),
            IsTerse = TerseWords.Any(words.Contains),
            Phrases = [.. MaySay().Matches(prompt).SelectMany(match => PhrasesIn(match.Groups["what"].Value)).Distinct(StringComparer.OrdinalIgnoreCase).Take(8)],
            Opening = Fixed(AlwaysOpens().Match(prompt)),
            Closing = Fixed(AlwaysCloses().Match(prompt)),
            Traits = [.. TraitsIn(prompt).Take(100)],
        };
    }

    private static string? Named(string prompt)
    {
        foreach (var match in (ReadOnlySpan<Match>)[NameGiven().Match(prompt), NameDirect().Match(prompt)])
        {
            if (match.Success)
                return match.Groups["name"].Value.Trim();
        }
        return null;
    }

    private static string? Describe(string prompt, string? name)
    {
        var match = DescriptionGiven().Match(prompt);
        if (!match.Success)
            return null;
        var text = match.Groups["what"].Value.Trim();
        if (name is not null && text.IndexOf(name, StringComparison.Ordinal) is > 0 and var at)
            text = text[..at].TrimEnd(' ', ',').Replace(" named", "", StringComparison.Ordinal).Replace(" called", "", StringComparison.Ordinal);
        return text.Length is > 2 and < 160 ? text : null;
    }

    private static IEnumerable<string> PhrasesIn(string text)
    {
        var quoted = Quoted().Matches(text);
        if (quoted.Count > 0)
            return quoted.Select(match => match.Groups["text"].Value.Trim()).Where(phrase => phrase.Length is > 0 and <= 80);
        return text.Length > 0 && char.IsUpper(text[0])
            ? text.Split([" or ", " and ", "/", ","], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(phrase => phrase.Length <= 40 && char.IsUpper(phrase[0]))
            : [];
    }

    private static string? Fixed(Match match) =>
        match.Success && Quoted().Match(match.Groups["what"].Value) is { Success: true } quoted && quoted.Groups["text"].Value.Trim() is { Length: > 0 and <= 120 } text ? text : null;

    // Orders ("you must never …") stay the operator's business.
    private static IEnumerable<Statement> TraitsIn(string prompt) =>
        from sentence in Sentences.Of(prompt)
        from clause in Sentences.Clauses(sentence)
        where clause.Words.Count is >= 3 and <= 40 && clause.Words[0].Key is "you" or "your" or "you're" or "you've"
        where !clause.Words.Any(word => word.Key is "must" or "should" or "never" or "always" or "may" or "can" or "will" or "if" or "not" or "don't" or "secret" or "instructions" or "user" or "users" or "answer" or "respond" or "reply")
        select new Statement { Text = clause.Text, Words = clause.Words };

    [GeneratedRegex("""\b(?:[Yy]our name is|[Yy]ou(?: are|['’]re) (?:called|named)|[Dd]u hei(?:ß|ss)t|named|called|[Nn]ame:)\s+["“'*_]*(?<name>\p{Lu}[\p{L}\p{N}-]{0,30}(?: \p{Lu}[\p{L}\p{N}-]{0,30}){0,2})""", RegexOptions.CultureInvariant)]
    private static partial Regex NameGiven();

    [GeneratedRegex("""\b(?:[Yy]ou(?: are|['’]re)|[Aa]ct as|[Dd]u bist|I am)\s+["“'*_]*(?!The\b|An?\b|Your?\b)(?<name>\p{Lu}[\p{L}\p{N}-]{0,30}(?: \p{Lu}[\p{L}\p{N}-]{0,30}){0,2})(?!['’]s\b)""", RegexOptions.CultureInvariant)]
    private static partial Regex NameDirect();

    [GeneratedRegex("""\b(?:[Yy]ou(?: are|['’]re)|[Aa]ct as|[Dd]u bist)\s+(?:[^,.;\n]{1,60}[,:]\s+|[^,.;\n]{1,60}?\s+[–—-]\s+)?(?<what>(?:an?|the|ein|eine)\s[^.;:\n,–—]{2,150})""", RegexOptions.CultureInvariant)]
    private static partial Regex DescriptionGiven();

    [GeneratedRegex("""\b(?:say|saying|says|exclaim|use|phrases? (?:like|such as)|expressions? (?:like|such as)|catch-?phrases?(?: is| are|:)?|sounds? like|with an? occasional)\s+(?:(?:things|phrases|words|expressions|sounds) (?:like|such as)\s+|the (?:phrase|words?)\s+)?(?<what>["“'‘«*`A-Z][^.\n;]{1,160})""", RegexOptions.CultureInvariant)]
    private static partial Regex MaySay();

    [GeneratedRegex("""\b(?:[Aa]lways|[Ee]very|[Ee]ach)\b[^.\n]{0,60}?\b(?:start|begin|open|greet|prefix)\w*\b[^.\n]{0,60}?(?<what>["“'‘«`][^\n]{1,120})""", RegexOptions.CultureInvariant)]
    private static partial Regex AlwaysOpens();

    [GeneratedRegex("""\b(?:[Aa]lways|[Ee]very|[Ee]ach)\b[^.\n]{0,60}?\b(?:end|finish|close|conclude|sign off)\w*\b[^.\n]{0,60}?(?<what>["“'‘«`][^\n]{1,120})""", RegexOptions.CultureInvariant)]
    private static partial Regex AlwaysCloses();

    [GeneratedRegex("""["“«`](?<text>[^"”»`\n]{1,120})["”»`]|(?<![\p{L}\p{N}])['‘](?<text>[^\n'’]{1,120})['’](?![\p{L}\p{N}])""", RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();
}
