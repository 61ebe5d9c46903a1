using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Gaia.Chat.Conversations;

/// <summary>
/// Where a page of a list ends: the values that the list is ordered by, of its last entry. A list that has changed meanwhile goes on
/// behind that entry, whatever came before it.
/// </summary>
/// <param name="List">Which list, and in which order: a cursor of another one is refused.</param>
/// <param name="First">What counts before the time.</param>
/// <param name="At">The time.</param>
/// <param name="Id">Decides between entries of the same time.</param>
internal sealed record Cursor(string List, double First, DateTime At, Guid Id)
{
    private const int MaxLength = 200;

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{List} {First:R} {At.Ticks} {Id:N}")));

    /// <summary>Null where there is none; false where it is none of this list.</summary>
    public static bool TryRead(string? text, string list, out Cursor? cursor)
    {
        cursor = null;
        if (string.IsNullOrEmpty(text))
            return true;
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
            return false;
        if (Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ') is not [var name, var first, var ticks, var id]
            || name != list
            || !double.TryParse(first, NumberStyles.Float, CultureInfo.InvariantCulture, out var before) || !double.IsFinite(before)
            || !long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at > DateTime.MaxValue.Ticks
            || !Guid.TryParseExact(id, "N", out var key))
        {
            return false;
        }

        cursor = new Cursor(list, before, new DateTime(at), key);
        return true;
    }
}
