namespace Gaia.Web.Sessions.KeyRing;

/// <summary>A row of <c>data_protection_keys</c>.</summary>
internal sealed class KeyRow
{
    public required string Name { get; init; }

    public required string Xml { get; init; }
}
