using System.Text;
using Gaia.ServiceDefaults.Data;

namespace Gaia.Chat.Conversations.Export;

/// <summary>Names of files that every file system takes.</summary>
internal static class ExportName
{
    private const int MaxLength = 80;
    private const string Otherwise = "conversation";

    /// <param name="title">Of the conversation.</param>
    /// <param name="extension">With its dot.</param>
    public static string Of(string title, string extension)
    {
        var name = new StringBuilder();
        foreach (var rune in TextRules.Cut(title, MaxLength).EnumerateRunes())
        {
            // Letters and digits of all languages; what is anything else to some system is a gap.
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark)
                name.Append(rune.ToString());
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
        }

        var text = name.ToString().TrimEnd('-');
        return (text.Length == 0 ? Otherwise : text) + extension;
    }
}
