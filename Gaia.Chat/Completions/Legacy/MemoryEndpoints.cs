using System.Security.Claims;
using Gaia.Chat.Personas;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Completions.Legacy;

/// <summary>What is known of the caller's memory, and its end. v0.2 and v1 mean the same one and say so differently.</summary>
internal static class MemoryEndpoints
{
    private const string Success = "success";
    private const string Version = "0.2";
    private const string Reloaded = "System prompt reloaded successfully";

    internal static void MapMemory(this IEndpointRouteBuilder routes)
    {
        Read(routes.MapGet("/api/v1/chat/status", StatusAsync), "How much the caller's memory holds").Produces<MemoryStatus>();
        Read(routes.MapGet("/api/v0.2/chat/status", VersionedStatusAsync), "How much the caller's memory holds").Produces<VersionedMemoryStatus>().WithApiVersion();
        Read(routes.MapGet("/api/v0.2/chat/stream/status", StreamStatusAsync), "What streams can do, and how much the caller's memory holds").Produces<StreamStatus>().WithApiVersion();

        Write(routes.MapDelete("/api/v1/chat/history", ClearAsync), "Empty the caller's memory").Produces<MemoryCleared>();
        Write(routes.MapDelete("/api/v0.2/chat/history", ClearVersionedAsync), "Empty the caller's memory").Produces<VersionedAcknowledgement>().WithApiVersion();
        Write(routes.MapDelete("/api/v0.2/chat/stream/history", ClearStreamAsync), "Empty the caller's memory").Produces<TimedAcknowledgement>().WithApiVersion();

        Write(routes.MapPost("/api/v1/chat/reload-prompt", Reload), "Reload the system prompt").Produces<Acknowledgement>();
        Write(routes.MapPost("/api/v0.2/chat/reload-prompt", ReloadVersioned), "Reload the system prompt").Produces<VersionedAcknowledgement>().WithApiVersion();
    }

    private static RouteHandlerBuilder Read(RouteHandlerBuilder endpoint, string summary) => endpoint.WithTags("Chat v0.2").WithSummary(summary).RequirePermission("chat", "read");

    private static RouteHandlerBuilder Write(RouteHandlerBuilder endpoint, string summary) => endpoint.WithTags("Chat v0.2").WithSummary(summary).RequirePermission("chat", "create");

    private static async Task<JsonHttpResult<MemoryStatus>> StatusAsync(ClaimsPrincipal user, UserMemory memory, CancellationToken cancellationToken)
    {
        var count = await memory.CountAsync(user.UserId(), cancellationToken);
        return TypedResults.Json(new MemoryStatus(count, count > 0), LegacyChatJson.Readable.MemoryStatus);
    }

    private static async Task<JsonHttpResult<VersionedMemoryStatus>> VersionedStatusAsync(ClaimsPrincipal user, UserMemory memory, CancellationToken cancellationToken)
    {
        var count = await memory.CountAsync(user.UserId(), cancellationToken);
        return TypedResults.Json(new VersionedMemoryStatus(count, count > 0, Version), LegacyChatJson.Readable.VersionedMemoryStatus);
    }

    private static async Task<JsonHttpResult<StreamStatus>> StreamStatusAsync(ClaimsPrincipal user, UserMemory memory, PromptCaches caches, TimeProvider time, CancellationToken cancellationToken)
    {
        var count = await memory.CountAsync(user.UserId(), cancellationToken);
        return TypedResults.Json(
            new StreamStatus("ready", "optimized", count, count > 0, caches.Status(user.UserId()), new StreamCapabilities(true, true, true, true), time.GetNaiveUtcNow()),
            LegacyChatJson.Readable.StreamStatus);
    }

    private static async Task<JsonHttpResult<MemoryCleared>> ClearAsync(ClaimsPrincipal user, UserMemory memory, CancellationToken cancellationToken)
    {
        await memory.ClearAsync(user.UserId(), cancellationToken);
        return TypedResults.Json(new MemoryCleared(Success, ["memory", "redis"]), LegacyChatJson.Readable.MemoryCleared);
    }

    private static async Task<JsonHttpResult<VersionedAcknowledgement>> ClearVersionedAsync(ClaimsPrincipal user, UserMemory memory, CancellationToken cancellationToken)
    {
        await memory.ClearAsync(user.UserId(), cancellationToken);
        return TypedResults.Json(new VersionedAcknowledgement(Success, "Chat history cleared", Version), LegacyChatJson.Readable.VersionedAcknowledgement);
    }

    private static async Task<JsonHttpResult<TimedAcknowledgement>> ClearStreamAsync(ClaimsPrincipal user, UserMemory memory, TimeProvider time, CancellationToken cancellationToken)
    {
        await memory.ClearAsync(user.UserId(), cancellationToken);
        return TypedResults.Json(new TimedAcknowledgement(Success, "Streaming chat history cleared", time.GetNaiveUtcNow()), LegacyChatJson.Readable.TimedAcknowledgement);
    }

    // The prompt is put together anew for every request: there is nothing older to be replaced.
    private static JsonHttpResult<Acknowledgement> Reload() =>
        TypedResults.Json(new Acknowledgement(Success, Reloaded), LegacyChatJson.Readable.Acknowledgement);

    private static JsonHttpResult<VersionedAcknowledgement> ReloadVersioned() =>
        TypedResults.Json(new VersionedAcknowledgement(Success, Reloaded, Version), LegacyChatJson.Readable.VersionedAcknowledgement);
}
