using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Gaia.Chat.Providers.Local;

/// <summary>A word as it was typed, the folded form it is looked up by, and where it stands in its text.</summary>
internal readonly record struct Word(string Text, string Key, int Start)
{
    public int End => Start + Text.Length;

    public bool IsCapitalised => char.IsUpper(Text[0]);

    public bool HasDigit => Text.AsSpan().ContainsAnyInRange('0', '9');
}

/// <summary>Splits text into words in one pass and reduces a word to a stem. Knows no language beyond light English endings.</summary>
internal static class Words
{
    private static readonly SearchValues<char> Vowels = SearchValues.Create("aeiouy");

    // U+00C0..U+00FF twice 32 letters, then the runs of U+0100..U+017F. Normalisation would throw on lone surrogates.
    private const string Latin1 = "aaaaaaaceeeeiiiidnooooo ouuuuyts";

    private static readonly string LatinExtended = string.Concat(
        new (char Letter, int Run)[]
        {
            ('a', 6), ('c', 8), ('d', 4), ('e', 10), ('g', 8), ('h', 4), ('i', 12), ('j', 2), ('k', 3), ('l', 10), ('n', 9), ('o', 8),
            ('r', 6), ('s', 8), ('t', 6), ('u', 12), ('w', 2), ('y', 3), ('z', 6), ('s', 1),
        }.Select(run => new string(run.Letter, run.Run)));

    private static readonly FrozenDictionary<string, string> Irregular = new[]
    {
        "favorite favourite", "fav favourite", "favourites favourite", "favorites favourite", "color colour", "colors colour", "colored colour", "coloured colour",
        "went go", "gone go", "goes go", "bought buy", "met meet", "left leave", "kept keep", "gave give", "got get", "wrote write", "written write", "flew fly",
        "drove drive", "driven drive", "ate eat", "eaten eat", "drank drink", "drunk drink", "saw see", "seen see", "made make", "came come", "took take", "taken take",
        "paid pay", "spent spend", "lost lose", "found find", "thought think", "taught teach", "sold sell", "sent send", "hid hide", "hidden hide", "chose choose",
        "chosen choose", "broke break", "broken break", "began begin", "begun begin", "children child", "kids kid", "wives wife", "knew know", "grew grow", "grown grow",
        "ran run", "won win", "held hold", "built build", "led lead", "spoke speak", "spoken speak", "wore wear", "worn wear", "rode ride", "swam swim", "sang sing",
        "slept sleep", "woke wake", "born birth", "people person", "men man", "women woman", "feet foot", "teeth tooth", "mice mouse", "knives knife", "leaves leaf",
        "lent lend", "stolen steal", "stole steal", "fell fall", "felt feel", "heard hear", "stood stand", "caught catch", "brought bring", "died die", "dying die",
        "heisse name", "heisst name", "heissen name", "wohne live", "wohnt live", "wohnen live", "lebe live", "lebt live", "leben live", "farbe colour",
        "schwester sister", "bruder brother", "hund dog", "katze cat", "arbeite work", "arbeitet work", "arbeiten work", "beruf work",
    }.Select(line => line.Split(' ')).ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    public static List<Word> Of(string text)
    {
        var words = new List<Word>();
        var i = 0;
        while (i < text.Length)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }
            var start = i++;
            if (IsUnspaced(text[start]))
            {
                // Scripts without spaces: overlapping pairs serve as words.
                while (i < text.Length && IsUnspaced(text[i]))
                {
                    var pair = text.Substring(i - 1, 2);
                    words.Add(new Word(pair, pair, i - 1));
                    i++;
                }
                if (i - start == 1)
                    words.Add(new Word(text.Substring(start, 1), text.Substring(start, 1), start));
                continue;
            }
            while (i < text.Length && !IsUnspaced(text[i]) && (char.IsLetterOrDigit(text[i]) || IsMark(text[i]) || Joins(text, i)))
                i++;
            var typed = text[start..i];
            words.Add(new Word(typed, Fold(typed), start));
        }
        return words;
    }

    /// <summary>Lower case without diacritics, straight apostrophes.</summary>
    public static string Fold(string text)
    {
        var plain = true;
        foreach (var c in text)
            plain &= char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
        if (plain)
            return text;
        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is 'ß')
                folded.Append("ss");
            else if (c is '’' or 'ʼ')
                folded.Append('\'');
            else if (c is >= 'À' and <= 'ÿ' and not '×' and not '÷')
                folded.Append(c == 'ÿ' ? 'y' : Latin1[(c - 'À') % 32]);
            else if (c is >= 'Ā' and <= 'ſ')
                folded.Append(LatinExtended[c - 'Ā']);
            else if (!IsMark(c))
                folded.Append(char.ToLowerInvariant(c));
        }
        return folded.ToString();
    }

    /// <summary>A light stem: good enough that "lives", "lived" and "living" meet, and that nothing else does.</summary>
    public static string Stem(string key)
    {
        if (key.EndsWith("'s", StringComparison.Ordinal))
            key = key[..^2];
        if (Irregular.TryGetValue(key, out var regular))
            key = regular;
        if (key.Length < 4 || key.AsSpan().ContainsAnyInRange('0', '9'))
            return key;
        if (key.EndsWith("ies", StringComparison.Ordinal) && key.Length > 4)
            key = key[..^3] + "y";
        else if (EndsWithAny(key, "sses", "shes", "ches", "xes", "zes"))
            key = key[..^2];
        else if (key[^1] == 's' && key[^2] is not ('s' or 'u' or 'i'))
            key = key[..^1];
        else if (key.EndsWith("ing", StringComparison.Ordinal) && HasVowel(key.AsSpan()[..^3]))
            key = Undouble(key[..^3]);
        else if (key.EndsWith("ed", StringComparison.Ordinal) && HasVowel(key.AsSpan()[..^2]))
            key = Undouble(key[..^2]);
        if (key.Length > 3 && key[^1] == 'e')
            key = key[..^1];
        return key.Length > 3 && key[^1] == 'y' ? key[..^1] + "i" : key;
    }

    private static bool EndsWithAny(string key, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
        {
            if (key.EndsWith(ending, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static bool HasVowel(ReadOnlySpan<char> stem) => stem.Length >= 3 && stem.ContainsAny(Vowels);

    private static string Undouble(string stem) => stem[^1] == stem[^2] && stem[^1] is not ('s' or 'z') && (stem[^1] != 'l' || stem.Length > 5) ? stem[..^1] : stem;

    private static bool IsMark(char c) => c is >= '\u0300' and <= '\u036F' || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark
        or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static bool IsUnspaced(char c) => c is >= '\u3040' and <= '\u30FF' or >= '\u3400' and <= '\u9FFF' or >= '\u0E00' and <= '\u0E3A';

    // Keeps e-mail addresses, codes, times, decimals and contractions whole.
    private static bool Joins(string text, int i) =>
        i + 1 < text.Length && char.IsLetterOrDigit(text[i + 1]) && char.IsLetterOrDigit(text[i - 1])
        && text[i] switch
        {
            '\'' or '’' or 'ʼ' or '-' or '_' or '@' or '.' or '&' => true,
            ':' or ',' => char.IsDigit(text[i - 1]) && char.IsDigit(text[i + 1]),
            _ => false,
        };
}
