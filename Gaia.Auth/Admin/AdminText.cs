using System.Text.RegularExpressions;
using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.Auth.Admin;

/// <summary>What names and texts of the administration may look like.</summary>
internal static partial class AdminText
{
    public const int MaxDescription = 2_000;
    private const int MaxTitle = 255;
    private const int MaxPath = 500;

    /// <summary>A name that other things refer to.</summary>
    public static AdminError? CheckName(string field, string? value) => value is not null && Name.IsMatch(value)
        ? null
        : AdminError.Invalid($"{field} must have 1 to 100 characters: lower-case letters, digits, '_', '-' and '.', beginning with a letter or digit");

    public static AdminError? CheckTitle(string field, string? value) => Check(field, value, MaxTitle);

    public static AdminError? CheckDescription(string field, string? value) => Check(field, value, MaxDescription);

    /// <summary>Part of a permission: its action or the type of its resource.</summary>
    public static AdminError? CheckWord(string field, string? value, int max) => value is not null && value.Length <= max && Name.IsMatch(value)
        ? null
        : AdminError.Invalid($"{field} must have 1 to {max} characters: lower-case letters, digits, '_', '-' and '.', beginning with a letter or digit");

    /// <summary>A pattern of paths, or the path of one resource.</summary>
    public static AdminError? CheckPath(string field, string? value, bool required)
    {
        if (value is null)
            return required ? AdminError.Invalid($"{field} is missing: give the path of a resource, such as /kb/shared/notes, or a pattern, such as /kb/shared/*") : null;
        return value.Length <= MaxPath && value.Length > 0 && PathPattern.Parse(value).Text.Length > 0 && IsStorable(value)
            ? null
            : AdminError.Invalid($"{field} must be a path of at most {MaxPath} characters without empty, '.' and '..' segments; a '/*' at its end covers what lies below");
    }

    private static AdminError? Check(string field, string? value, int max) => value is null || (value.Length <= max && IsStorable(value))
        ? null
        : AdminError.Invalid($"{field} must be valid Unicode of at most {max} characters, without the character U+0000");

    /// <summary>What PostgreSQL takes as text.</summary>
    public static bool IsStorable(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i]))))
                return false;
        }

        return true;
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_.-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
