using System.ComponentModel;
using System.Security.Claims;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Chat.Personas;

/// <param name="InvalidatedUser">Whose prompts; null for everybody's.</param>
/// <param name="InvalidatedActivity">Which activity's tools; null for all.</param>
public sealed record InvalidatedCaches(string Status, string CacheType, string? InvalidatedUser, string? InvalidatedActivity, DateTime Timestamp);

public sealed record PromptCacheReport(PromptCacheStats CacheStats, DateTime Timestamp);

/// <summary>
/// Routes over the caches of prompts: a user sees and empties the own part, an administrator all of it. What tools there are is cached for everybody,
/// and whoever forgets it costs nobody more than a look at the settings.
/// </summary>
internal static class PromptCacheEndpoints
{
    private const int MaxEcho = 100;

    internal static void MapPromptCaches(this IEndpointRouteBuilder routes)
    {
        const string path = "/api/v0.2/chat/stream/cache";
        routes.MapPost($"{path}/invalidate", InvalidateAsync)
            .WithTags("Streaming")
            .WithSummary("Forget cached prompts")
            .WithDescription("`cache_type` is `persona`, `tools` or `all`; of others nothing is cached. Prompts are forgotten by every replica.")
            .Produces<InvalidatedCaches>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .RequirePermission("chat", "create");
        routes.MapGet($"{path}/status", StatusAsync)
            .WithTags("Streaming")
            .WithSummary("What prompts the answering replica has cached")
            .Produces<PromptCacheReport>()
            .RequirePermission("chat", "read");
    }

    private static async Task<Results<JsonHttpResult<InvalidatedCaches>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> InvalidateAsync(
        [FromQuery(Name = "cache_type"), Description("`persona`, `tools` or `all`.")] string? cacheType,
        [FromQuery(Name = "user_id"), Description("Whose prompts; the caller's own when absent, or with an administrator everybody's.")] string? userId,
        [Description("Which activity's tools; all when absent.")] string? activity,
        ClaimsPrincipal user,
        PermissionStore permissions,
        PersonaDirectory directory,
        PromptCaches caches,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(cacheType))
            return LegacyResults.Invalid("missing", "Say what to forget: cache_type=persona, tools or all", "query", "cache_type");
        var whose = string.IsNullOrEmpty(userId) ? null : userId;
        var own = user.UserId().ToString();
        if (own.Equals(whose, StringComparison.OrdinalIgnoreCase))
        {
            whose = own;
        }
        else if (!await permissions.IsAdministratorAsync(user, cancellationToken))
        {
            if (whose is not null)
                return LegacyResults.NotFound($"User not found: {TextRules.Cut(whose, MaxEcho, "...")}");
            whose = own;
        }

        if (cacheType is "persona" or "all")
            await directory.ChangedAsync(null, whose);
        if (cacheType is "tools" or "all")
            caches.ForgetTools(string.IsNullOrEmpty(activity) ? null : activity);
        return TypedResults.Json(
            new InvalidatedCaches("success", TextRules.Cut(cacheType, MaxEcho), whose, activity is null ? null : TextRules.Cut(activity, MaxEcho), time.GetNaiveUtcNow()),
            PersonaJson.Readable.InvalidatedCaches);
    }

    private static async Task<JsonHttpResult<PromptCacheReport>> StatusAsync(
        ClaimsPrincipal user, PermissionStore permissions, PromptCaches caches, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Json(
            new PromptCacheReport(caches.Status(await permissions.IsAdministratorAsync(user, cancellationToken) ? null : user.UserId()), time.GetNaiveUtcNow()),
            PersonaJson.Readable.PromptCacheReport);
}
