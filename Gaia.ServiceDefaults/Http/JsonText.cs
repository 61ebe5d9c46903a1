using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Gaia.ServiceDefaults.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// Whether all names and strings of a document are text. A parser lets half a surrogate pair and bytes that are not UTF-8 pass, and
/// who reads such a name or string, or only compares it, gets an exception; whoever parses what a client sent checks it once.
/// </summary>
public static class JsonText
{
    /// <summary>Characters of each name.</summary>
    private const int MaxEchoed = 100;

    /// <returns>The answer that says where it is; null when all is well.</returns>
    public static JsonHttpResult<ValidationErrorBody>? Check(JsonElement root)
    {
        if (IsPlain(JsonMarshal.GetRawUtf8Value(root)))
            return null;
        var path = new List<string>();
        try
        {
            ReadAll(root, path);
            return null;
        }
        catch (InvalidOperationException)
        {
            var place = path is [] ? "The body" : string.Join('.', path);
            return LegacyResults.Invalid(
                "string_unicode", $"{place} must be valid Unicode, names and values alike: no half of a surrogate pair, no bytes that are not UTF-8", ["body", .. path]);
        }
    }

    /// <summary>Cheap, for most bodies: whether there can be no such thing. Bytes that are not UTF-8 can stand in names and strings only.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> json) => Utf8.IsValid(json) && json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0;

    /// <param name="value">What to read.</param>
    /// <param name="path">The names that lead to it; to what cannot be read when this throws.</param>
    private static void ReadAll(JsonElement value, List<string> path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    ReadAll(item, path);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    path.Add(TextRules.Cut(member.Name, MaxEchoed, "..."));
                    ReadAll(member.Value, path);
                    path.RemoveAt(path.Count - 1);
                }

                break;
        }
    }
}
