using System.Text.RegularExpressions;

namespace Gaia.Auth.Users;

/// <summary>An e-mail address in the one form in which addresses are compared: ASCII in lower case.</summary>
internal static partial class EmailAddress
{
    private const int MaxLength = 254;

    /// <summary>Reserved never to exist (RFC 2606): of rows whose own address is unknown, or another row's.</summary>
    private const string NowhereDomain = "users.invalid";

    /// <returns>Null for what is no address, or one that nobody can have.</returns>
    public static string? Normalize(string? text)
    {
        var email = text?.Trim().ToLowerInvariant();
        return email is { Length: <= MaxLength } && Form.IsMatch(email) && !email.EndsWith(".invalid", StringComparison.Ordinal) ? email : null;
    }

    public static string DomainOf(string email) => email[(email.LastIndexOf('@') + 1)..];

    /// <summary>For the column <c>users.email</c>, which must be set and unique, of a user whose address must not stand there.</summary>
    public static string Nowhere(Guid userId) => $"{userId}@{NowhereDomain}";

    /// <summary>The address as others may see it: null in place of one that stands for none.</summary>
    public static string? Known(string email) => email.EndsWith('@' + NowhereDomain, StringComparison.Ordinal) ? null : email;

    /// <summary>As HTML has it for input fields, with a domain of at least two labels.</summary>
    [GeneratedRegex(@"\A[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form { get; }
}
