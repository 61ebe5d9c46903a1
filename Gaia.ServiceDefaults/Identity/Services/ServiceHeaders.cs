namespace Gaia.ServiceDefaults.Identity.Services;

/// <summary>Headers between services. What a client sends under these names is dropped at the edge.</summary>
public static class ServiceHeaders
{
    /// <summary>Which service calls: a service token.</summary>
    public const string Token = "X-Service-Token";

    /// <summary>The secret that a service gets its token with; goes to Auth alone.</summary>
    public const string Key = "X-Service-Key";

    /// <summary>The legacy system's word for who calls. Proves nothing and is read nowhere.</summary>
    public const string Name = "X-Service-Name";

    /// <summary>
    /// On an answer of Auth that is no error: the credential that it was asked about does not count. The gateway counts it as one that
    /// was refused, and takes the header away.
    /// </summary>
    public const string CredentialRefused = "X-Credential-Refused";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Token, Key, Name, CredentialRefused];
}
