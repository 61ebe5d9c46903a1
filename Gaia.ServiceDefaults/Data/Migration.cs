using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Gaia.ServiceDefaults.Data;

/// <summary>One SQL file of a service, applied once.</summary>
/// <param name="Name">Unique in the database: <c>chat/0001_conversations</c>.</param>
/// <param name="Sql">Any number of statements; they run in one transaction.</param>
internal sealed record Migration(string Name, string Sql)
{
    /// <summary>SHA-256 of the text in lower-case hex, as the legacy <c>schema_migrations</c> keeps it.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The files <c>Migrations/*.sql</c> embedded in <paramref name="assembly"/>, in the order of their numbers.</summary>
    public static IReadOnlyList<Migration> EmbeddedIn(Assembly assembly, string service)
    {
        const string folder = ".Migrations.";
        return [.. assembly.GetManifestResourceNames()
            .Where(resource => resource.Contains(folder, StringComparison.Ordinal) && resource.EndsWith(".sql", StringComparison.Ordinal))
            .Select(resource => (resource, file: resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..^".sql".Length]))
            .OrderBy(found => found.file, StringComparer.Ordinal)
            .Select(found => new Migration($"{service}/{found.file}", Read(assembly, found.resource)))];
    }

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
