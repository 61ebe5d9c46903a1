using System.Security.Claims;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.ApiKeys;

/// <summary>A user's own API keys: <c>/api/v1/auth/keys</c>.</summary>
internal static class ApiKeyEndpoints
{
    private const int MaxBodySize = 16 * 1024;

    internal static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/v1/auth/keys").WithTags("API keys").RequireAuthorization().AddEndpointFilter(ManagesKeysAsync);
        keys.MapPost("", CreateAsync)
            .WithSummary("Make an API key: the answer is the only time that it is shown")
            .WithBody<NewApiKeyBody>()
            .Produces<ApiKeyBody>(StatusCodes.Status201Created)
            .Produces<ErrorBody>(StatusCodes.Status409Conflict)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        keys.MapGet("", ListAsync).WithSummary("List your API keys").Produces<ApiKeyList>();
        keys.MapPost("rotate-due", RotateDueAsync)
            .WithSummary("Rotate all API keys that are older than the policy, or older_than_days, allows")
            .WithBody<DueRotationBody>(isOptional: true)
            .Produces<RotatedApiKeyList>()
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        keys.MapGet("{id}", GetAsync).WithSummary("Get an API key").Produces<ApiKeyBody>().Produces<ErrorBody>(StatusCodes.Status404NotFound);
        keys.MapPatch("{id}", RenameAsync)
            .WithSummary("Rename an API key")
            .WithBody<ApiKeyNameBody>()
            .Produces<ApiKeyBody>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        keys.MapPost("{id}/rotate", RotateAsync)
            .WithSummary("Put a new API key in the place of an old one, which counts a while longer")
            .WithBody<RotationBody>(isOptional: true)
            .Produces<RotatedApiKeyBody>(StatusCodes.Status201Created)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status409Conflict)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        keys.MapDelete("{id}", RevokeAsync).WithSummary("Revoke an API key").Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    /// <summary>A credential that is limited to scopes is for using the API, not for making more credentials, unless it says so.</summary>
    private static async ValueTask<object?> ManagesKeysAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        CredentialScopes.Cover(context.HttpContext.User.Caller().Scopes, "keys", "manage")
            ? await next(context)
            : LegacyResults.Error(StatusCodes.Status403Forbidden, "This credential is limited to its scopes: managing API keys takes keys:manage");

    private static async Task<IResult> CreateAsync(
        HttpContext http, ClaimsPrincipal user, ApiKeyStore store, IOptions<ApiKeyOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: false, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        var name = ApiKeyRequest.ReadName(body, out var mistake);
        if (mistake is not null)
            return mistake;
        var scopes = ApiKeyRequest.ReadScopes(body, out mistake);
        if (mistake is not null)
            return mistake;
        var expiresAt = ApiKeyRequest.ReadExpiry(body, time.GetUtcNow(), out mistake);
        if (mistake is not null)
            return mistake;

        var caller = user.Caller();
        if (!CredentialScopes.CoverAll(caller.Scopes, scopes))
            return LegacyResults.Error(StatusCodes.Status403Forbidden, $"A key made with this credential must be limited to its scopes: {string.Join(", ", caller.Scopes)}");
        if (caller.ApiKeyId is { } own && await store.FindAsync(caller.UserId, own, cancellationToken) is { ExpiresAt: { } end })
        {
            var limit = new DateTimeOffset(end, TimeSpan.Zero);
            expiresAt ??= limit;
            if (expiresAt > limit)
                return LegacyResults.Invalid("value_error", $"A key made with this credential must not outlive it: it ends at {end:s}Z", "body", "expires_at");
        }

        return await store.CreateAsync(caller.UserId, name!, scopes, expiresAt, cancellationToken) is { } created
            ? TypedResults.Json(Show(created, time, options.Value), ApiKeyJson.Readable.ApiKeyBody, statusCode: StatusCodes.Status201Created)
            : LegacyResults.Error(StatusCodes.Status409Conflict, $"You have {options.Value.MaxPerUser} API keys, and that is the most: revoke one first");
    }

    private static async Task<JsonHttpResult<ApiKeyList>> ListAsync(
        ClaimsPrincipal user, ApiKeyStore store, IOptions<ApiKeyOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(user.UserId(), cancellationToken);
        return TypedResults.Json(new ApiKeyList([.. rows.Select(row => Show(row, time, options.Value))], rows.Count), ApiKeyJson.Readable.ApiKeyList);
    }

    private static async Task<Results<JsonHttpResult<ApiKeyBody>, JsonHttpResult<ErrorBody>>> GetAsync(
        string id, ClaimsPrincipal user, ApiKeyStore store, IOptions<ApiKeyOptions> options, TimeProvider time, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.FindAsync(user.UserId(), key, cancellationToken) is { } row
            ? TypedResults.Json(Show(row, time, options.Value), ApiKeyJson.Readable.ApiKeyBody)
            : NotFound();

    private static async Task<IResult> RenameAsync(
        string id, HttpContext http, ClaimsPrincipal user, ApiKeyStore store, IOptions<ApiKeyOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: false, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        var name = ApiKeyRequest.ReadName(body, out var mistake);
        if (mistake is not null)
            return mistake;
        return Guid.TryParse(id, out var key) && await store.RenameAsync(user.UserId(), key, name!, cancellationToken) is { } row
            ? TypedResults.Json(Show(row, time, options.Value), ApiKeyJson.Readable.ApiKeyBody)
            : NotFound();
    }

    private static async Task<IResult> RotateAsync(
        string id, HttpContext http, ClaimsPrincipal user, ApiKeyRotation rotation, IOptions<ApiKeyOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: true, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        var overlap = ApiKeyRequest.ReadOverlap(body, options.Value.RotationOverlap, options.Value.MaxRotationOverlap, out var mistake);
        if (mistake is not null)
            return mistake;
        if (!Guid.TryParse(id, out var key))
            return NotFound();

        var (rotated, refusal) = await rotation.RotateAsync(user.Caller(), key, overlap, cancellationToken);
        return refusal switch
        {
            ApiKeyRotation.Refusal.None => TypedResults.Json(Show(rotated!, time, options.Value), ApiKeyJson.Readable.RotatedApiKeyBody, statusCode: StatusCodes.Status201Created),
            ApiKeyRotation.Refusal.NotFound => NotFound(),
            ApiKeyRotation.Refusal.NotCurrent => Conflict("This key is revoked or expired: make a new one"),
            ApiKeyRotation.Refusal.AlreadyRotated => Conflict("This key has been rotated already: rotate the one in its place"),
            ApiKeyRotation.Refusal.ComesWithTheDeployment => Conflict("This key comes with the deployment: change API_KEY there"),
            ApiKeyRotation.Refusal.GivesMore => LegacyResults.Error(
                StatusCodes.Status403Forbidden, "This key may do more, or lives longer, than the credential that you sent: rotate it with itself"),
            _ => throw new InvalidOperationException($"No answer for {refusal}."),
        };
    }

    private static async Task<IResult> RotateDueAsync(
        HttpContext http, ClaimsPrincipal user, ApiKeyRotation rotation, IOptions<ApiKeyOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: true, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        var overlap = ApiKeyRequest.ReadOverlap(body, options.Value.RotationOverlap, options.Value.MaxRotationOverlap, out var mistake);
        if (mistake is not null)
            return mistake;
        var age = ApiKeyRequest.ReadAge(body, out mistake);
        if (mistake is not null)
            return mistake;

        var rotated = await rotation.RotateDueAsync(user.Caller(), age, overlap, cancellationToken);
        return TypedResults.Json(new RotatedApiKeyList([.. rotated.Select(pair => Show(pair, time, options.Value))]), ApiKeyJson.Readable.RotatedApiKeyList);
    }

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> RevokeAsync(string id, ClaimsPrincipal user, ApiKeyStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.RevokeAsync(user.UserId(), key, cancellationToken) ? TypedResults.NoContent() : NotFound();

    private static ApiKeyBody Show(ApiKey row, TimeProvider time, ApiKeyOptions options)
    {
        var now = time.GetNaiveUtcNow();
        var active = row.IsActive == true && !(row.ExpiresAt <= now);
        return new ApiKeyBody(
            row.Id, row.Name, row.KeyPrefix, row.Scopes ?? [], active, row.CreatedAt, row.ExpiresAt, row.LastUsedAt,
            active && row.RotatedTo is null && options.RotateAfterDays is { } days && row.CreatedAt <= now - TimeSpan.FromDays(days),
            row.RotatedTo, row.RateLimit);
    }

    private static ApiKeyBody Show(CreatedApiKey created, TimeProvider time, ApiKeyOptions options) =>
        Show(created.Row, time, options) with { Key = created.Secret };

    private static RotatedApiKeyBody Show(RotatedApiKey pair, TimeProvider time, ApiKeyOptions options) =>
        new(Show(pair.Former, time, options), Show(pair.Created, time, options));

    private static JsonHttpResult<ErrorBody> NotFound() => LegacyResults.NotFound("API key not found");

    private static JsonHttpResult<ErrorBody> Conflict(string detail) => LegacyResults.Error(StatusCodes.Status409Conflict, detail);
}
