using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Gaia.Chat.Providers.Local;

/// <summary>Says back what the user said: turned into the second person where that is safe, quoted where it is not.</summary>
internal static class Phrasing
{
    private static readonly SearchValues<char> QuoteMarks = SearchValues.Create("\"“”`«»„");

    private static readonly FrozenDictionary<string, string> ToSecondPerson = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["i"] = "you",
        ["me"] = "you",
        ["my"] = "your",
        ["mine"] = "yours",
        ["myself"] = "yourself",
        ["im"] = "you're",
        ["ive"] = "you've",
        ["i'm"] = "you're",
        ["i've"] = "you've",
        ["i'd"] = "you'd",
        ["i'll"] = "you'll",
        ["we"] = "you",
        ["us"] = "you",
        ["our"] = "your",
        ["ours"] = "yours",
        ["ourselves"] = "yourselves",
        ["we're"] = "you're",
        ["we've"] = "you've",
        ["we'd"] = "you'd",
        ["we'll"] = "you'll",
        ["am"] = "are",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> ToFirstPerson = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["you"] = "I",
        ["your"] = "my",
        ["yours"] = "mine",
        ["yourself"] = "myself",
        ["you're"] = "I'm",
        ["you've"] = "I've",
        ["you'd"] = "I'd",
        ["you'll"] = "I'll",
        ["are"] = "am",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> SecondPerson = new[]
    {
        "you", "your", "yours", "yourself", "you're", "you've", "you'd", "you'll",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> OtherLanguages = """
        ich mich mir mein meine meinen meiner und ist sind der das dem den ein eine einen nicht wir unser unsere heisse wohne habe bin
        je j'ai mon ma mes et est suis une dans avec nous notre yo mi mis soy es el una con y vivo tengo tiene io sono mio mia il di che
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> English = """
        i i'm i've my me we our us the a an is are am was were in at on of and to for with has have had he she they his her their it's not likes lives
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whole sentences that restate a statement, with what it refers back to and what it replaced.</summary>
    public static string Restate(Statement statement)
    {
        if (statement.Prompt is { } prompt && statement.Root is null)
            return $"Asked “{Shorten(prompt, 120)}”, you said {Quote(statement.Text)}.";
        var text = AsksOf(statement) ? Order(statement) : IsSafe(statement) ? Sentence(Flip(statement)) : $"You said: {Quote(statement.Text)}.";
        if (statement.Root is { } root)
        {
            var before = IsSafe(root) ? Sentence(Flip(root)) : $"You said: {Quote(root.Text)}.";
            text = statement.Corrects ? $"{before} Later you said: {Quote(statement.Text)}." : $"{before} {text}";
        }
        return statement.Earlier is null ? text : $"{text} (Earlier you said: {Before(statement)}.)";
    }

    /// <summary>A restatement that continues a sentence: "your name is Ada".</summary>
    public static string Inline(Statement statement)
    {
        var text = AsksOf(statement) ? Order(statement) : IsSafe(statement) ? Flip(statement) : Quote(statement.Text);
        text = text.TrimEnd('.', ' ');
        var lower = text.Length > 1 && char.IsUpper(text[0]) && (statement.IsFirstPerson || AsksOf(statement) || statement.Words[0].Key is "the" or "he" or "she" or "it" or "they" or "there" or "his" or "her");
        text = lower ? char.ToLowerInvariant(text[0]) + text[1..] : text;
        return statement.Earlier is null ? text : $"{text} (earlier: {Before(statement)})";
    }

    /// <summary>What a persona's prompt says of "you", said of "I".</summary>
    public static string ToSelf(Statement statement) => Sentence(Replace(statement.Text, statement.Words, ToFirstPerson));

    public static string Quote(string text) => $"“{Shorten(text.Trim().TrimEnd('.').Replace('“', '"').Replace('”', '"'), 400)}”";

    public static string Shorten(string text, int length)
    {
        if (text.Length <= length)
            return text;
        var end = text.LastIndexOf(' ', length - 1, Math.Min(length, 40));
        end = end > 0 ? end : length - 1;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)].TrimEnd() + "…";
    }

    private static string Before(Statement statement)
    {
        var quotes = new List<string>();
        for (var earlier = statement.Earlier; earlier is not null && quotes.Count < 3; earlier = earlier.Earlier)
            quotes.Add(Quote(Shorten(earlier.Text, 160)));
        return string.Join(", ", quotes);
    }

    private static bool IsSafe(Statement statement)
    {
        var text = statement.Text;
        if (text.AsSpan().ContainsAny(QuoteMarks) || statement.Words.Count < 2 || (statement.Verb < 0 && !statement.IsFirstPerson && !Lexicon.Determiners.Contains(statement.Words[0].Key)))
            return false;
        if (IsOrder(statement))
            return false;
        var (foreign, english) = (0, 0);
        for (var i = 0; i < statement.Words.Count; i++)
        {
            var word = statement.Words[i];
            if (SecondPerson.Contains(word.Key))
                return false;
            // "Elizabeth I", "Part I".
            if (i > 0 && word.Text == "I" && statement.Words[i - 1].IsCapitalised && (i + 1 == statement.Words.Count || !Lexicon.IsVerb(statement.Words[i + 1].Key)))
                return false;
            foreign += OtherLanguages.Contains(word.Key) ? 1 : 0;
            english += English.Contains(word.Key) ? 1 : 0;
        }
        return foreign <= english;
    }

    private static bool AsksOf(Statement statement) => statement.Memorise || statement.Words is [{ Key: "call" }, { Key: "me" or "us" }, ..];

    // "Meet me at five": the first word orders, so it has no subject to turn.
    private static bool IsOrder(Statement statement) =>
        statement.Verb == 0 && !statement.SpeaksAsI && !statement.Words[0].Key.EndsWith('s');

    private static string Order(Statement statement)
    {
        var order = statement.Text.Trim();
        foreach (var polite in (ReadOnlySpan<string>)["can you ", "could you ", "would you ", "will you ", "please "])
        {
            if (order.StartsWith(polite, StringComparison.OrdinalIgnoreCase))
                order = order[polite.Length..];
        }
        var words = Words.Of(order);
        if (words.Count == 0 || order.AsSpan().ContainsAny(QuoteMarks) || words.Any(word => SecondPerson.Contains(word.Key)))
            return $"You asked me to remember this: {Quote(statement.Text)}.";
        var negative = words[0].Key is "don't" or "dont";
        var rest = negative && words.Count > 1 ? order[words[1].Start..] : order;
        rest = Replace(rest, Words.Of(rest), ToSecondPerson);
        return Sentence($"You asked me {(negative ? "not " : "")}to {char.ToLowerInvariant(rest[0])}{rest[1..]}");
    }

    private static string Flip(Statement statement) => Replace(statement.Text, statement.Words, ToSecondPerson);

    private static string Replace(string text, IReadOnlyList<Word> words, FrozenDictionary<string, string> map)
    {
        var turned = new StringBuilder(text.Length + 16);
        var copied = 0;
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            var replacement = map.GetValueOrDefault(word.Key);
            if (ReferenceEquals(map, ToSecondPerson))
            {
                // "I was" turns, "my cat was" does not.
                if (word.Key is "was" or "wasn't" && Precedes(words, i, "i"))
                    replacement = word.Key == "was" ? "were" : "weren't";
            }
            else if (word.Key == "are" && !Precedes(words, i, "you"))
            {
                replacement = null;
            }
            if (replacement is null)
                continue;
            turned.Append(text, copied, word.Start - copied).Append(replacement);
            copied = word.End;
        }
        return turned.Append(text, copied, text.Length - copied).ToString();
    }

    private static bool Precedes(IReadOnlyList<Word> words, int i, string pronoun)
    {
        for (var back = i - 1; back >= 0 && i - back <= 3; back--)
        {
            var key = words[back].Key;
            if (key == pronoun)
                return true;
            if (!key.EndsWith("ly", StringComparison.Ordinal) && key is not ("also" or "just" or "always" or "never" or "once" or "still"))
                return false;
        }
        return false;
    }

    private static string Sentence(string text)
    {
        text = text.Trim().TrimEnd(',', ':', ';', '-');
        if (text.Length == 0)
            return text;
        text = char.IsLower(text[0]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;
        return text[^1] is '.' or '!' or '?' or '…' or '。' ? text : text + ".";
    }
}
