using System.Globalization;
using Gaia.Auth.ApiKeys;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Users;

/// <summary>Signing up, in and out. The same handlers answer at the service's own address and under both versions.</summary>
internal static class UserEndpoints
{
    internal const string Tag = "Authentication";

    private static readonly string[] Prefixes = ["/auth", "/api/v1/auth", "/api/v0.3/auth"];

    internal static void MapUsers(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in Prefixes)
        {
            var group = routes.MapGroup(prefix).AllowAnonymous().WithTags(Tag);
            if (prefix == "/auth")
                group.ExcludeFromDescription();
            group.MapPost("/register", RegisterAsync).WithSummary("Register with an email address and a password")
                .Produces<SessionBody>().Produces<ErrorBody>(400).Produces<ValidationErrorBody>(422);
            group.MapPost("/login", LoginAsync).WithSummary("Sign in with an email address and a password")
                .Produces<SessionBody>().Produces<ErrorBody>(400).Produces<ValidationErrorBody>(422).Produces<ErrorBody>(429);
            group.MapPost("/refresh", RefreshAsync).WithSummary("Exchange a refresh token for a new pair of tokens")
                .Produces<SessionBody>().Produces<ErrorBody>(400).Produces<ValidationErrorBody>(422);
            group.MapPost("/logout", LogoutAsync).WithSummary("End the session of the presented access token")
                .Produces<MessageBody>().Produces<ErrorBody>(400);
            group.MapPost("/confirm", ConfirmAsync).WithSummary("Confirm an email address with the token from a mail")
                .Produces<ConfirmedBody>().Produces<ErrorBody>(400).Produces<ValidationErrorBody>(422);
            group.MapPost("/resend-verification", ResendAsync).WithSummary("Send the confirmation mail again")
                .Produces<ResentBody>().Produces<ErrorBody>(400).Produces<ValidationErrorBody>(422);
            group.MapPost("/validate", ValidationEndpoint.ValidateAsync).WithSummary("Tell whether a token or an API key counts")
                .Produces<ValidationBody>().Produces<ValidationErrorBody>(422);
        }
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext http, IUserDirectory users, Throttle throttle, IOptions<AccountOptions> options, IOptions<ThrottleOptions> limits, AccountEvents events, CancellationToken cancellationToken)
    {
        var fields = await Fields.ReadAsync(http.Request, ["email", "password"], [], cancellationToken);
        if (fields.Mistake is { } mistake)
            return mistake;
        if (EmailAddress.Normalize(fields["email"]) is not { } email)
            return LegacyResults.BadRequest(AuthTexts.InvalidEmail);
        if (fields["password"].Length < Passwords.MinLength)
            return LegacyResults.BadRequest(AuthTexts.ShortPassword);
        if (fields["password"].Length > Passwords.MaxLength)
            return LegacyResults.BadRequest($"Registration failed: Password must be at most {Passwords.MaxLength} characters long");
        if (email == ConfiguredKeys.OperatorEmail || options.Value.IsBlockedDomain(EmailAddress.DomainOf(email)))
            return LegacyResults.BadRequest(AuthTexts.BlockedDomain);
        var address = LoginGuard.Describe(await http.GetClientAddressAsync());
        if (await throttle.TryTakeAsync($"register from {address}", limits.Value.Registration, cancellationToken) is not null)
            return LegacyResults.BadRequest(AuthTexts.TooManyRegistrations);

        if ((await users.RegisterAsync(email, fields["password"], address, cancellationToken)).IsRefused(out var refusal, out var signedIn))
            return Refuse(http, refusal);
        if (signedIn.Session is not null)
            await events.LoggedInAsync(signedIn.UserId, cancellationToken);
        return Answer(signedIn);
    }

    private static async Task<IResult> LoginAsync(HttpContext http, IUserDirectory users, AccountEvents events, CancellationToken cancellationToken)
    {
        var fields = await Fields.ReadAsync(http.Request, ["email", "password"], [], cancellationToken);
        if (fields.Mistake is { } mistake)
            return mistake;
        if (EmailAddress.Normalize(fields["email"]) is not { } email || fields["password"].Length is 0 or > Passwords.MaxLength)
            return LegacyResults.BadRequest(AuthTexts.InvalidLogin);
        var address = LoginGuard.Describe(await http.GetClientAddressAsync());
        if ((await users.LoginAsync(email, fields["password"], address, cancellationToken)).IsRefused(out var refusal, out var signedIn))
        {
            await events.LoginFailedAsync(refusal, cancellationToken);
            return Refuse(http, refusal);
        }

        await events.LoggedInAsync(signedIn.UserId, cancellationToken);
        return Answer(signedIn);
    }

    private static async Task<IResult> RefreshAsync(HttpContext http, IUserDirectory users, AccountEvents events, CancellationToken cancellationToken)
    {
        var fields = await Fields.ReadAsync(http.Request, ["refresh_token"], [], cancellationToken);
        if (fields.Mistake is { } mistake)
            return mistake;
        if (!(await users.RefreshAsync(fields["refresh_token"], cancellationToken)).IsRefused(out var refusal, out var signedIn))
            return Answer(signedIn);
        events.RefreshFailed();
        return Refuse(http, refusal);
    }

    /// <summary>Nothing to end is as good as ended: a client that leaves must not be kept by a token that has run out.</summary>
    private static async Task<IResult> LogoutAsync(HttpContext http, IUserDirectory users, AccountEvents events, CancellationToken cancellationToken)
    {
        if (BearerToken.IsGarbled(http.Request))
            return LegacyResults.BadRequest(AuthTexts.GarbledLogout);
        if (BearerToken.Of(http.Request) is { } token && await users.LogoutAsync(token, cancellationToken) is { } userId)
            await events.LoggedOutAsync(userId, cancellationToken);
        return TypedResults.Json(new MessageBody("Logged out successfully"), UserJson.Readable.MessageBody);
    }

    private static async Task<IResult> ConfirmAsync(HttpContext http, IUserDirectory users, CancellationToken cancellationToken)
    {
        var fields = await Fields.ReadAsync(http.Request, ["token", "email"], [], cancellationToken);
        if (fields.Mistake is { } mistake)
            return mistake;
        if (EmailAddress.Normalize(fields["email"]) is not { } email || fields["token"].Length == 0)
            return LegacyResults.BadRequest(AuthTexts.InvalidConfirmation);
        return (await users.ConfirmAsync(fields["token"], email, cancellationToken)).IsRefused(out var refusal, out var confirmed)
            ? Refuse(http, refusal)
            : TypedResults.Json(new ConfirmedBody("Email confirmed successfully", confirmed.User), UserJson.Readable.ConfirmedBody);
    }

    private static async Task<IResult> ResendAsync(HttpContext http, IUserDirectory users, CancellationToken cancellationToken)
    {
        var fields = await Fields.ReadAsync(http.Request, ["email"], [], cancellationToken);
        if (fields.Mistake is { } mistake)
            return mistake;
        if (EmailAddress.Normalize(fields["email"]) is not { } email)
            return LegacyResults.BadRequest(AuthTexts.UnknownEmail);
        return (await users.ResendAsync(email, cancellationToken)).IsRefused(out var refusal, out var result)
            ? Refuse(http, refusal)
            : TypedResults.Json(new ResentBody($"Verification email sent to {email}", result), UserJson.Readable.ResentBody);
    }

    private static JsonHttpResult<SessionBody> Answer(SignedIn signedIn) =>
        TypedResults.Json(new SessionBody(signedIn.User, signedIn.Session), UserJson.Readable.SessionBody);

    internal static JsonHttpResult<ErrorBody> Refuse(HttpContext http, Refusal refusal)
    {
        if (refusal.RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return LegacyResults.Error(refusal.Status, refusal.Detail);
    }
}
