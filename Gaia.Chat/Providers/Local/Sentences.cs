namespace Gaia.Chat.Providers.Local;

/// <summary>Cuts a message into sentences, and sentences into clauses that each state or ask one thing.</summary>
internal static class Sentences
{
    /// <summary>Longer stretches without an end are cut, so that no answer ever has to quote a book.</summary>
    public const int MaxLength = 400;

    public static IEnumerable<string> Of(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!Ends(text, i) && !(i - start >= MaxLength - 40 && char.IsWhiteSpace(text[i])) && i - start < MaxLength)
                continue;
            var end = i + 1;
            while (end < text.Length && end - start < MaxLength + 8 && text[end] is '.' or '!' or '?' or '"' or '”' or ')' or '’' && !char.IsWhiteSpace(text[end]))
                end++;
            if (end < text.Length && char.IsLowSurrogate(text[end]) && char.IsHighSurrogate(text[end - 1]))
                end++;
            if (Clean(text, start, end) is { Length: > 0 } sentence)
                yield return sentence;
            start = end;
            i = end - 1;
        }
        if (Clean(text, start, text.Length) is { Length: > 0 } rest)
            yield return rest;
    }

    public static IEnumerable<(string Text, List<Word> Words)> Clauses(string sentence)
    {
        var words = Words.Of(sentence);
        var from = 0;
        for (var i = 2; i < words.Count; i++)
        {
            if (!StartsClause(sentence, words, from, i, out var cut))
                continue;
            var left = sentence[words[from].Start..words[cut - 1].End];
            yield return (left, Words.Of(left));
            from = i;
        }
        var rest = from == 0 ? sentence : sentence[words[from].Start..];
        yield return (rest, from == 0 ? words : Words.Of(rest));
    }

    private static bool StartsClause(string sentence, List<Word> words, int from, int i, out int cut)
    {
        cut = i;
        while (cut > from + 1 && words[cut - 1].Key is "and" or "but" or "so" or "also" or "while" or "plus" or "und" or "aber" or "then")
            cut--;
        if (words[cut].Start < words[cut - 1].End)
            return false;
        var gap = sentence.AsSpan(words[cut - 1].End, words[cut].Start - words[cut - 1].End);
        var separated = gap.ContainsAny(",;–—") || gap.Contains(" - ", StringComparison.Ordinal) || gap.Contains(" & ", StringComparison.Ordinal);
        if ((cut == i && !separated) || cut - from < 2 || !HasVerb(words, from, cut))
            return false;
        var key = words[i].Key;
        if (separated && sentence.EndsWith('?') && (Lexicon.Question.Contains(key) || AsksYesNo(words, i)) && !Lexicon.Question.Contains(words[from].Key) && !AsksYesNo(words, from))
            return true;
        if (Lexicon.SubjectPronouns.Contains(key))
            return true;
        var end = i + 1;
        while (end < words.Count && words[end].Start >= words[end - 1].End && !sentence.AsSpan(words[end - 1].End, words[end].Start - words[end - 1].End).Contains(','))
            end++;
        if (Lexicon.Determiners.Contains(key) || key is "it" or "it's")
            return HasVerb(words, i, end);
        return words[i].IsCapitalised && i + 1 < words.Count && !words[i + 1].IsCapitalised && Lexicon.IsVerb(words[i + 1].Key);
    }

    private static bool AsksYesNo(List<Word> words, int i) =>
        i + 1 < words.Count && Lexicon.Auxiliaries.Contains(words[i].Key) && Lexicon.Subjects.Contains(words[i + 1].Key);

    private static bool HasVerb(List<Word> words, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (Lexicon.IsVerb(words[i].Key))
                return true;
        }
        return false;
    }

    private static bool Ends(string text, int i) => text[i] switch
    {
        '\n' or '\r' or ';' or '。' or '！' or '？' or '؟' or '\u2028' => true,
        '!' or '?' or '…' => IsBreak(text, i + 1),
        '.' => IsBreak(text, i + 1) && !Abbreviates(text, i),
        _ => false,
    };

    private static bool IsBreak(string text, int i) => i >= text.Length || char.IsWhiteSpace(text[i]) || text[i] is '.' or '!' or '?' or '"' or '”' or ')';

    private static bool Abbreviates(string text, int dot)
    {
        var start = dot;
        while (start > 0 && dot - start < 8 && !char.IsWhiteSpace(text[start - 1]))
            start--;
        var before = Words.Fold(text[start..dot].TrimStart('(', '"', '“'));
        if (before.Length == 1 && char.IsLetter(before[0]) && before != "i")
            return dot + 1 < text.Length;
        if (Lexicon.Abbreviations.Contains(before))
            return dot + 1 < text.Length;
        if (before.Length is 0 or > 2 || !before.All(char.IsDigit))
            return false;
        // "am 13. Mai", but not "vault 7. The code".
        var next = dot + 1;
        while (next < text.Length && text[next] == ' ')
            next++;
        var end = next;
        while (end < text.Length && end - next < 12 && char.IsLetter(text[end]))
            end++;
        return end > next && (char.IsLower(text[next]) || Lexicon.Months.Contains(Words.Fold(text[next..end])));
    }

    private static string Clean(string text, int start, int end)
    {
        var span = text.AsSpan(start, end - start).Trim();
        if (span.Length > 1 && span[0] is '-' or '*' or '•' or '#' or '>' && span[1] is ' ')
            span = span[1..].TrimStart();
        return span.TrimEnd(';').ToString();
    }
}
