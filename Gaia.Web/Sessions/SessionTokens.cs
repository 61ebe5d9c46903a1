namespace Gaia.Web.Sessions;

/// <summary>What the gateway is called with in a person's name. Never leaves the server.</summary>
/// <param name="AccessToken">An access token, or in Development an API key.</param>
/// <param name="RefreshToken">Null when nothing refreshes it.</param>
/// <param name="ExpiresAt">When the access token ends.</param>
internal sealed record SessionTokens(string AccessToken, string? RefreshToken, DateTimeOffset ExpiresAt)
{
    /// <summary>Without the tokens, for they must not reach a log.</summary>
    public override string ToString() => nameof(SessionTokens);
}

/// <summary>The session of a request.</summary>
/// <param name="Id">SHA-256 of the browser's key.</param>
internal sealed record CurrentSession(string Id, SessionTokens Tokens)
{
    public override string ToString() => $"{nameof(CurrentSession)} {{ Id = {Id} }}";
}
