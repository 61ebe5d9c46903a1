using System.Text;

namespace Gaia.ServiceDefaults.Data;

/// <summary>What text PostgreSQL takes, and how text is shortened.</summary>
public static class TextRules
{
    /// <summary>Whether the text is valid Unicode without U+0000, which PostgreSQL cannot hold.</summary>
    public static bool IsStorable(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0'))
            return false;
        while (!text.IsEmpty)
        {
            var surrogate = text.IndexOfAnyInRange('\uD800', '\uDFFF');
            if (surrogate < 0)
                return true;
            if (Rune.DecodeFromUtf16(text[surrogate..], out _, out var length) != System.Buffers.OperationStatus.Done)
                return false;
            text = text[(surrogate + length)..];
        }

        return true;
    }

    /// <summary>The text with everything that PostgreSQL cannot hold replaced by U+FFFD.</summary>
    public static string MakeStorable(string text)
    {
        if (IsStorable(text))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append((rune.Value == 0 ? Rune.ReplacementChar : rune).ToString());
        return clean.ToString();
    }

    /// <summary>The first <paramref name="length"/> Unicode characters, and <paramref name="mark"/> if there are more.</summary>
    public static string Cut(string text, int length, string mark = "")
    {
        if (text.Length <= length)
            return text;
        var end = 0;
        for (var count = 0; count < length && end < text.Length; count++)
            end += char.IsSurrogatePair(text, Math.Min(end, text.Length - 2)) && end < text.Length - 1 ? 2 : 1;
        return end == text.Length ? text : string.Concat(text.AsSpan(0, end), mark);
    }
}
