namespace Gaia.Web.Sessions;

/// <summary>A row of <c>web_sessions</c>.</summary>
internal sealed class SessionRow
{
    /// <summary>SHA-256 of the key that the browser holds.</summary>
    public required string Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>Who is signed in, sealed.</summary>
    public required byte[] Ticket { get; init; }

    /// <summary>What the gateway is called with, sealed. Apart from the ticket, which is renewed by another hand.</summary>
    public required byte[] Tokens { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}
