using System.Text.Json;
using System.Text.Json.Nodes;
using Gaia.Auth.Sessions;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Auth.Supabase;

/// <summary>Users who live in a Supabase project. Its words for what went wrong become the contract's.</summary>
internal sealed class SupabaseUsers(GoTrueClient project, AccessTokenVerifier tokens, SupabaseSessions sessions, SessionStore ownSessions) : IUserDirectory
{
    public async Task<Outcome<SignedIn>> RegisterAsync(string email, string password, string? address, CancellationToken cancellationToken)
    {
        var answer = await project.PostAsync("auth/v1/signup", new() { ["email"] = email, ["password"] = password }, null, cancellationToken);
        if (answer.IsSuccess)
            return Read(answer);
        return answer.ErrorCode switch
        {
            _ when answer.Status == StatusCodes.Status429TooManyRequests => Refusal.Bad(AuthTexts.TooManyRegistrations),
            "email_address_invalid" => Refusal.Bad(AuthTexts.InvalidEmail),
            "weak_password" => Refusal.Bad(AuthTexts.ShortPassword),
            "user_already_exists" or "email_exists" => Refusal.Bad(AuthTexts.AlreadyRegistered),
            "email_address_not_authorized" or "signup_disabled" => Refusal.Bad(AuthTexts.BlockedDomain),
            _ => Refusal.Bad($"Registration failed: {answer.Error}"),
        };
    }

    public Task<Outcome<SignedIn>> LoginAsync(string email, string password, string? address, CancellationToken cancellationToken) =>
        SignInAsync("password", new() { ["email"] = email, ["password"] = password }, "Login failed", cancellationToken);

    public Task<Outcome<SignedIn>> RefreshAsync(string refreshToken, CancellationToken cancellationToken) =>
        SignInAsync("refresh_token", new() { ["refresh_token"] = refreshToken }, "Token refresh failed", cancellationToken);

    public async Task<Guid?> LogoutAsync(string accessToken, CancellationToken cancellationToken)
    {
        // A token may be of the time before users moved to the project.
        if (await tokens.FindOwnSessionAsync(accessToken) is { } own)
            return await ownSessions.EndAsync(own, "logout", cancellationToken);
        if (await tokens.FindSupabaseAsync(accessToken, cancellationToken) is not { } genuine)
            return null;
        // First here, where it is certain to help; what the project then says of a session that it has ended already is no matter.
        var userId = await sessions.EndAsync(accessToken, genuine, cancellationToken);
        await project.PostAsync("auth/v1/logout?scope=local", null, accessToken, cancellationToken);
        return userId;
    }

    public async Task<Outcome<UserDocument>> ConfirmAsync(string token, string email, CancellationToken cancellationToken)
    {
        var answer = await project.PostAsync("auth/v1/verify", new() { ["type"] = "signup", ["token"] = token, ["email"] = email }, null, cancellationToken);
        if (answer.IsSuccess)
            return Read(answer) is var signedIn ? new UserDocument(signedIn.UserId, signedIn.User) : default;
        return answer.ErrorCode is "otp_expired" or "otp_disabled" || answer.Error.Contains("expired", StringComparison.OrdinalIgnoreCase)
            ? Refusal.Bad(AuthTexts.InvalidConfirmation)
            : answer.Error.Contains("already", StringComparison.OrdinalIgnoreCase) ? Refusal.Bad(AuthTexts.AlreadyConfirmed)
            : Refusal.Bad($"Email confirmation failed: {answer.Error}");
    }

    public async Task<Outcome<JsonElement>> ResendAsync(string email, CancellationToken cancellationToken)
    {
        var answer = await project.PostAsync("auth/v1/resend", new() { ["type"] = "signup", ["email"] = email }, null, cancellationToken);
        if (answer.IsSuccess)
            return answer.Body;
        return answer.Status == StatusCodes.Status429TooManyRequests ? Refusal.Bad(AuthTexts.TooManyMails)
            : answer.ErrorCode == "user_not_found" ? Refusal.Bad(AuthTexts.UnknownEmail)
            : Refusal.Bad($"Failed to resend verification email: {answer.Error}");
    }

    /// <summary>The project is asked whether the present password is right by signing in with it, for only a project that is set up so asks itself.</summary>
    public async Task<Refusal?> ChangePasswordAsync(
        Caller caller, string? accessToken, string current, string password, string? address, CancellationToken cancellationToken)
    {
        if (accessToken is null || caller.Email is not { } email)
            return Refusal.Bad(AuthTexts.NoPassword);
        var probe = await project.PostAsync("auth/v1/token?grant_type=password", new() { ["email"] = email, ["password"] = current }, null, cancellationToken);
        if (probe.Status == StatusCodes.Status429TooManyRequests)
            return new Refusal(probe.Status, $"Password change failed: {probe.Error}", probe.RetryAfter);
        if (!probe.IsSuccess || probe.Text("access_token") is not { } proof)
            return Refusal.Bad(AuthTexts.WrongPassword);
        // The session that this began is nobody's.
        await project.PostAsync("auth/v1/logout?scope=local", null, proof, cancellationToken);
        var answer = await project.UpdateUserAsync(new() { ["password"] = password, ["current_password"] = current }, accessToken, cancellationToken);
        if (!answer.IsSuccess)
            return answer.ErrorCode == "weak_password" ? Refusal.Bad(AuthTexts.ShortPassword) : Refusal.Bad($"Password change failed: {answer.Error}");
        await project.PostAsync("auth/v1/logout?scope=others", null, accessToken, cancellationToken);
        return null;
    }

    private async Task<Outcome<SignedIn>> SignInAsync(string grant, JsonObject body, string failure, CancellationToken cancellationToken)
    {
        var answer = await project.PostAsync($"auth/v1/token?grant_type={grant}", body, null, cancellationToken);
        if (answer.IsSuccess)
            return Read(answer);
        return answer.Status == StatusCodes.Status429TooManyRequests
            ? new Refusal(answer.Status, $"{failure}: {answer.Error}", answer.RetryAfter)
            : Refusal.Bad($"{failure}: {answer.Error}");
    }

    /// <summary>A session with its user in it, or a user alone.</summary>
    private static SignedIn Read(ProjectAnswer answer)
    {
        var isSession = answer.Text("access_token") is not null;
        var user = isSession && answer.Body.TryGetProperty("user", out var inner) ? inner : answer.Body;
        if (user.ValueKind != JsonValueKind.Object || !user.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String)
            throw new DependencyUnavailableException("supabase", new JsonException("The answer holds no user."));
        return new SignedIn(Guid.TryParse(id.GetString(), out var userId) ? userId : null, user, isSession ? answer.Body : null);
    }
}
