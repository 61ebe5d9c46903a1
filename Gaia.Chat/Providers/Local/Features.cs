namespace Gaia.Chat.Providers.Local;

/// <summary>The kinds of value that a statement holds and that a question asks for.</summary>
[Flags]
internal enum Feature
{
    None = 0,
    Person = 1,
    Place = 2,
    Time = 4,
    Number = 8,
    Colour = 16,
    Reason = 32,
    Name = 64,
}

internal static class Features
{
    public static Feature Of(IReadOnlyList<Word> words)
    {
        var found = Feature.None;
        for (var i = 0; i < words.Count; i++)
        {
            var (word, key) = (words[i], words[i].Key);
            if (word.HasDigit)
                found |= Feature.Number | (LooksLikeTime(key) ? Feature.Time : Feature.None);
            else if (Lexicon.NumberWords.Contains(key))
                found |= Feature.Number;
            if (Lexicon.Colours.Contains(key))
                found |= Feature.Colour;
            if (Lexicon.Times.Contains(key) || Lexicon.Times.Contains(key.TrimEnd('s')))
                found |= Feature.Time;
            else if (i > 0 && word.IsCapitalised && !Lexicon.FirstPerson.Contains(key))
                found |= Feature.Name | Feature.Person;
            if (i > 0 && i + 1 < words.Count && Lexicon.PlacePrepositions.Contains(key) && !Lexicon.Times.Contains(words[i + 1].Key))
                found |= Feature.Place;
            if (key is "because" or "since" or "therefore" or "due" or "so" or "weil")
                found |= Feature.Reason;
        }
        return found;
    }

    private static bool LooksLikeTime(string key) =>
        key.Contains(':', StringComparison.Ordinal)
        || (key.Length == 4 && key[..2] is "19" or "20")
        || key.EndsWith("am", StringComparison.Ordinal) || key.EndsWith("pm", StringComparison.Ordinal)
        || key.EndsWith("th", StringComparison.Ordinal) || key.EndsWith("st", StringComparison.Ordinal)
        || key.EndsWith("nd", StringComparison.Ordinal) || key.EndsWith("rd", StringComparison.Ordinal)
        || key.AsSpan().Count('-') == 2;
}
