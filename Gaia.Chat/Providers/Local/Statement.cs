namespace Gaia.Chat.Providers.Local;

/// <summary>Something that the user said, with what recall needs to find it again.</summary>
internal sealed class Statement
{
    private int? _verb;

    public required string Text { get; init; }

    public required IReadOnlyList<Word> Words { get; init; }

    /// <summary>The statement that "it", "she" or "that" leads back to.</summary>
    public Statement? Root { get; init; }

    /// <summary>The assistant's question that a bare "Ada." answers.</summary>
    public string? Prompt { get; init; }

    /// <summary>"Remember: 4711", as opposed to telling it.</summary>
    public bool Memorise { get; init; }

    public bool Corrects { get; init; }

    /// <summary>A later statement says otherwise.</summary>
    public bool Superseded { get; set; }

    /// <summary>An earlier statement about the same thing, told along with this one in case both hold.</summary>
    public Statement? Earlier { get; set; }

    /// <summary>Index of the first finite verb, or -1. Words before it are the subject.</summary>
    public int Verb => _verb ??= FindVerb();

    public bool IsCopula => Verb >= 0 && (Lexicon.Copulas.Contains(Words[Verb].Key) || Words[Verb].Key.EndsWith("'s", StringComparison.Ordinal));

    public bool IsFirstPerson => Words.Count > 0 && Lexicon.FirstPerson.Contains(Words[0].Key);

    public bool SpeaksAsI => Words.Count > 0 && Words[0].Key is "i" or "i'm" or "i've" or "i'd" or "i'll" or "im" or "we" or "we're" or "we've" or "we'd" or "we'll" or "ich" or "wir";

    /// <summary>"I'm Ada", "I am Ada Lovelace from Rome".</summary>
    public bool Introduces => Words.Count >= 2
        && (Words[0].Key is "i'm" or "im" ? 1 : Words[0].Key is "i" or "ich" && Words[1].Key is "am" or "bin" ? 2 : 0) is > 0 and var next
        && next < Words.Count && Words[next].IsCapitalised;

    public IEnumerable<string> SubjectStems => Words.Take(Math.Max(Verb, 0)).Where(word => !Lexicon.Stop.Contains(word.Key)).Select(word => Local.Words.Stem(word.Key));

    private int FindVerb()
    {
        for (var i = 0; i < Words.Count; i++)
        {
            var key = Words[i].Key;
            // After a determiner a noun may look like a verb: "my work", "the start".
            if (i > 0 && (Lexicon.Determiners.Contains(Words[i - 1].Key) || Words[i - 1].Key.EndsWith("'s", StringComparison.Ordinal)))
                continue;
            if (Lexicon.IsVerb(key))
                return i;
        }
        // "My name's Ada": no other verb, so this is not a possessive.
        for (var i = 1; i < Words.Count; i++)
        {
            if (Words[i].Key.EndsWith("'s", StringComparison.Ordinal))
                return i;
        }
        return -1;
    }
}
