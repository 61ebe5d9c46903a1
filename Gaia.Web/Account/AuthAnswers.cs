using Gaia.Web.Sessions;

namespace Gaia.Web.Account;

internal sealed record CredentialsBody(string Email, string Password)
{
    /// <summary>Without the password, for it must not reach a log.</summary>
    public override string ToString() => nameof(CredentialsBody);
}

internal sealed record RefreshBody(string RefreshToken)
{
    public override string ToString() => nameof(RefreshBody);
}

internal sealed record ConfirmationBody(string Token, string Email)
{
    public override string ToString() => nameof(ConfirmationBody);
}

internal sealed record EmailBody(string Email);

/// <summary>What login, register and refresh answer. Everything else in it is nobody's business here.</summary>
/// <param name="Session">Null when the address has to be confirmed first.</param>
internal sealed record SessionAnswer(UserAnswer? User, SessionAnswer.Tokens? Session)
{
    public override string ToString() => nameof(SessionAnswer);

    /// <param name="ExpiresAt">Seconds since 1970.</param>
    internal sealed record Tokens(string AccessToken, string RefreshToken, long ExpiresAt)
    {
        public override string ToString() => nameof(Tokens);

        public SessionTokens ToTokens() => new(AccessToken, RefreshToken, DateTimeOffset.FromUnixTimeSeconds(ExpiresAt));
    }
}

/// <summary>A user as the gateway tells it.</summary>
internal sealed record UserAnswer(Guid Id, string? Email, string? EmailConfirmedAt, UserAnswer.App? AppMetadata, UserAnswer.Own? UserMetadata)
{
    internal sealed record App(IReadOnlyList<string>? Roles, IReadOnlyList<string>? Permissions);

    internal sealed record Own(string? Name);

    public WebUser ToWebUser()
    {
        var email = Email ?? "";
        var name = UserMetadata?.Name is { Length: > 0 } given && !string.IsNullOrWhiteSpace(given) ? given.Trim() : email.Split('@')[0];
        return new WebUser(Id, email, name.Length > 0 ? name : "You", AppMetadata?.Roles ?? [], AppMetadata?.Permissions ?? []);
    }
}
