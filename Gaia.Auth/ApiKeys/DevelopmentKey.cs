namespace Gaia.Auth.ApiKeys;

/// <summary>
/// The user and the key that the legacy system's README prints for everyone to read: good for a developer's own machine,
/// a back door anywhere else.
/// </summary>
public static class DevelopmentKey
{
    public const string UserEmail = "dev@gaia.local";
    public const string UserName = "Local Development User";
    public const string KeyName = "Local Development API Key";
    public const string Permissions = """{"admin": true, "environment": "local"}""";

    /// <summary>SHA-256 of the key. By it the key is refused outside Development, even if its row is in the database.</summary>
    public const string Hash = "8065e7a7dd9a5d02ea3a79cea93036e7092910c309bb3e43070826f3b939f661";
}
