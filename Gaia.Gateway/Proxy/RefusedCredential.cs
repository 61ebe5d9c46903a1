namespace Gaia.Gateway.Proxy;

/// <summary>A feature of a request to which Auth said, in an answer that is no error, that its credential does not count.</summary>
internal sealed class RefusedCredential
{
    internal static readonly RefusedCredential Instance = new();

    private RefusedCredential()
    {
    }
}
