using System.Security.Claims;
using Gaia.Auth.Access;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.Identity.Services;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Users;

/// <summary>Whoever calls: <c>/api/v1/auth/user</c>, in the shape of GoTrue's <c>/user</c>.</summary>
internal static class OwnUserEndpoints
{
    private const int MaxBodySize = 16 * 1024;
    private const int MaxName = 100;

    internal static void MapOwnUser(this IEndpointRouteBuilder routes)
    {
        var user = routes.MapGroup("/api/v1/auth/user").WithTags(UserEndpoints.Tag).RequireAuthorization();
        user.MapGet("", GetAsync).WithSummary("Tell who you are, with your roles and what you may do everywhere").Produces<GoTrueUser>();
        user.MapPut("", UpdateAsync)
            .WithSummary("Change your name or, with the current one, your password: that ends your other sessions")
            .WithBody<UpdateUserRequest>()
            .Produces<GoTrueUser>().Produces<ErrorBody>(400).Produces<ErrorBody>(403).Produces<ValidationErrorBody>(422).Produces<ErrorBody>(429);
    }

    private static async Task<IResult> GetAsync(ClaimsPrincipal user, AuthDbContext db, AccessReader access, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Json(await ReadAsync(user.Caller(), db, access, time, cancellationToken), UserJson.Readable.GoTrueUser);

    private static async Task<IResult> UpdateAsync(
        HttpContext http, ClaimsPrincipal user, IUserDirectory users, AuthDbContext db, AccessReader access, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: false, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!body.TryGetText("password", out var password, out var mistake) || !body.TryGetText("current_password", out var current, out mistake))
            return mistake;
        string? name = null;
        if (body.TryGet("data", out var data))
        {
            if (data.ValueKind != System.Text.Json.JsonValueKind.Object)
                return LegacyResults.Invalid("dict_type", "data must be an object", "body", "data");
            if (data.TryGetProperty("name", out var value) && !JsonBody.TryReadText(value, out name, out mistake, "data", "name"))
                return mistake;
            name = name?.Trim();
            if (name is { Length: 0 or > MaxName })
                return LegacyResults.Invalid("string_length", $"name must have 1 to {MaxName} characters", "body", "data", "name");
        }

        var caller = user.Caller();
        if (caller.ApiKeyId is not null)
            return LegacyResults.Error(StatusCodes.Status403Forbidden, "An API key cannot change its user's account: sign in");
        if (password is not null)
        {
            if (password.Length < Passwords.MinLength)
                return LegacyResults.BadRequest(AuthTexts.ShortPassword);
            if (password.Length > Passwords.MaxLength || current?.Length > Passwords.MaxLength)
                return LegacyResults.BadRequest($"Password must be at most {Passwords.MaxLength} characters long");
            if (string.IsNullOrEmpty(current))
                return LegacyResults.Invalid("missing", "current_password is missing", "body", "current_password");
            var address = LoginGuard.Describe(await http.GetClientAddressAsync());
            if (await users.ChangePasswordAsync(caller, BearerToken.Of(http.Request), current, password, address, cancellationToken) is { } refusal)
                return UserEndpoints.Refuse(http, refusal);
        }

        if (name is not null)
            await db.Database.ExecuteSqlAsync($"UPDATE users SET name = {name}, updated_at = {NaiveUtc.Parameter(time.GetNaiveUtcNow())} WHERE id = {caller.UserId}", cancellationToken);
        return TypedResults.Json(await ReadAsync(caller, db, access, time, cancellationToken), UserJson.Readable.GoTrueUser);
    }

    /// <summary>Also for a user who has no account here, but a key, or a password elsewhere.</summary>
    private static async Task<GoTrueUser> ReadAsync(Caller caller, AuthDbContext db, AccessReader access, TimeProvider time, CancellationToken cancellationToken)
    {
        var row = await db.Users.SingleAsync(user => user.Id == caller.UserId, cancellationToken);
        var created = new DateTimeOffset(row.CreatedAt ?? DateTime.UnixEpoch, TimeSpan.Zero);
        var account = await db.Accounts.SingleOrDefaultAsync(account => account.UserId == caller.UserId, cancellationToken)
            ?? new Account { Id = row.Id, UserId = row.Id, Email = row.Email, PasswordHash = "", CreatedAt = created, UpdatedAt = created };
        var permissions = await access.ReadAsync(caller.UserId, caller.KeyRoles, cancellationToken);
        var set = new PermissionSet(permissions, time);
        var everywhere = permissions.Grants
            .Where(grant => grant is { Allowed: true, Context: null, Path: null or "*" } && set.Allows(grant.ResourceType, grant.Action))
            .Select(grant => $"{grant.ResourceType}:{grant.Action}").Distinct().Order(StringComparer.Ordinal);
        return GoTrueUser.Of(account, row.Name) with
        {
            AppMetadata = GoTrueAppMetadata.Email with { Roles = caller.Roles, Permissions = [.. everywhere] },
        };
    }
}
