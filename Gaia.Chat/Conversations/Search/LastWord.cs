using System.Text;
using System.Text.RegularExpressions;

namespace Gaia.Chat.Conversations.Search;

/// <summary>The end of a query, divided as <c>websearch_to_tsquery</c> divides it.</summary>
internal static partial class LastWord
{
    /// <summary>
    /// Whether the last word may be only begun. One in quotes is whole; and what begins with a word that must not be there is no reason to leave a message out.
    /// </summary>
    public static bool MayGoOn(string query) =>
        Operands().Matches(query).LastOrDefault(static operand => operand.Value.EnumerateRunes().Any(Rune.IsLetterOrDigit)) is { } last
        && last.Groups["bare"].Success && !last.Groups["not"].Success;

    // A minus counts for the next operand, whatever signs stand between; quotes that are not closed go on to the end.
    [GeneratedRegex("""(?<not>-[-\s!&|()]*)?("[^"]*"?|(?<bare>[^\s"!&|()]+))""", RegexOptions.ExplicitCapture)]
    private static partial Regex Operands();
}
