using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Providers.Local;

/// <summary>
/// A deterministic approximation of what byte-pair encoders of the GPT family count, without their vocabulary: a word with the space before it
/// is one token for its first eight ASCII letters and one for each four more; digits go three to a token, like punctuation of one kind; a run of line
/// breaks or of further spaces is one; other alphabets take three letters to a token, an ideograph or an emoji is one. English prose comes within a few per cent.
/// </summary>
internal static class TokenCounter
{
    private const int PerMessage = 4;

    private const int ReplyPriming = 3;

    public static int Count(string text)
    {
        var count = 0;
        for (var i = 0; i < text.Length; count++)
            i = Next(text, i);
        return count;
    }

    public static long Count(IEnumerable<ChatMessage> messages, string? instructions)
    {
        long count = ReplyPriming + (string.IsNullOrEmpty(instructions) ? 0 : PerMessage + Count(instructions));
        foreach (var message in messages)
        {
            count += PerMessage;
            foreach (var content in message.Contents)
                count += content is TextContent { Text: { } text } ? Count(text) : 0;
        }
        return count;
    }

    /// <summary>The beginning of the text that has at most so many tokens.</summary>
    public static string Truncate(string text, int tokens)
    {
        var end = 0;
        for (; tokens > 0 && end < text.Length; tokens--)
            end = Next(text, end);
        return text[..end];
    }

    // Where the token that begins at i ends. Depends only on what surrounds i, so a cut text counts as many tokens as were kept.
    private static int Next(string text, int i)
    {
        var start = i;
        if (text[i] == ' ' && i + 1 < text.Length && text[i + 1] != ' ' && !char.IsControl(text[i + 1]))
            i++;
        var c = text[i];
        if (char.IsAsciiLetter(c))
            return Run(text, i, StartsWord(text, i) ? 8 : 4, static (_, x) => char.IsAsciiLetter(x));
        if (char.IsAsciiDigit(c))
            return Run(text, i, 3, static (_, x) => char.IsAsciiDigit(x));
        if (char.IsWhiteSpace(c) || char.IsControl(c))
            return Spaces(text, start);
        if (char.IsSurrogate(c))
            return char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? i + 2 : i + 1;
        if (Rune.TryCreate(c, out var rune) && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherLetter)
            return i + 1;
        return char.IsLetter(c) ? Run(text, i, 3, static (_, x) => char.IsLetter(x) && !char.IsAscii(x)) : Run(text, i, 3, static (first, x) => x == first);
    }

    private static bool StartsWord(string text, int i) => i == 0 || !char.IsAsciiLetter(text[i - 1]);

    /// <param name="belongs">Whether a character goes on with a first one.</param>
    private static int Run(string text, int i, int most, Func<char, char, bool> belongs)
    {
        var end = i + 1;
        while (end < text.Length && end - i < most && belongs(text[i], text[end]))
            end++;
        return end;
    }

    private static int Spaces(string text, int start)
    {
        var end = start + 1;
        while (end < text.Length && (char.IsWhiteSpace(text[end]) || char.IsControl(text[end])) && !(text[end] == ' ' && end + 1 < text.Length && !char.IsWhiteSpace(text[end + 1])))
            end++;
        return end;
    }
}
