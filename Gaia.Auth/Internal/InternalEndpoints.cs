using Gaia.Auth.Access;
using Gaia.Auth.ApiKeys;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Auth.Internal;

/// <summary>For the other services alone: the gateway routes nothing here.</summary>
internal static class InternalEndpoints
{
    internal static void MapInternal(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/internal").ExcludeFromDescription();
        group.MapPost("/validate", ValidateAsync).RequireService();
        group.MapGet("/users/{id:guid}/permissions", GetPermissionsAsync).RequireService();
        group.MapPost("/key-usage", RecordKeyUsage).RequireService();
        // Its own secret is what the caller shows here.
        group.MapPost("/service-token", CreateServiceToken).AllowAnonymous();
    }

    /// <summary>Verifies one credential and gives an internal token for it. An outage is a 503, so that nobody takes it for a refusal.</summary>
    private static async Task<JsonHttpResult<ExchangeResponse>> ValidateAsync(ExchangeRequest request, CredentialExchange exchange, CancellationToken cancellationToken) =>
        TypedResults.Json(await exchange.ExchangeAsync(request, cancellationToken), IdentityJson.Default.ExchangeResponse);

    private static async Task<JsonHttpResult<UserPermissions>> GetPermissionsAsync(
        Guid id, [FromQuery(Name = "key_role")] string[]? keyRoles, AccessReader access, CancellationToken cancellationToken) =>
        TypedResults.Json(await access.ReadAsync(id, keyRoles ?? [], cancellationToken), PermissionsJson.Default.UserPermissions);

    private static Results<JsonHttpResult<ServiceTokenResponse>, JsonHttpResult<ErrorBody>> CreateServiceToken(
        ServiceTokenRequest request, HttpContext context, ServiceTokenIssuer tokens)
    {
        if (string.IsNullOrWhiteSpace(request.ServiceName))
            return LegacyResults.BadRequest("Service name is required");
        if (ServiceTokenIssuer.FindReserved(request.Claims) is { } reserved)
            return LegacyResults.BadRequest(reserved);
        if (!tokens.IsAllowed(request.ServiceName))
            return LegacyResults.Error(StatusCodes.Status403Forbidden, $"Service '{request.ServiceName}' is not authorized");
        return context.Request.Headers[ServiceHeaders.Key] is [{ } key] && tokens.TryIssue(request.ServiceName, key, request.Claims, out var token)
            ? TypedResults.Json(token, ServiceTokenJson.Default.ServiceTokenResponse)
            : LegacyResults.Error(StatusCodes.Status401Unauthorized, $"{ServiceHeaders.Key} is missing or not the key of '{request.ServiceName}'");
    }

    private static Results<NoContent, JsonHttpResult<ErrorBody>> RecordKeyUsage(KeyUsageReport report, KeyUsage usage)
    {
        if (report.Uses is null or { Count: > KeyUsageReport.MaxUses } || report.Uses.Any(use => use.Address is null))
            return LegacyResults.BadRequest($"uses must be a list of at most {KeyUsageReport.MaxUses}, each with an address");
        foreach (var use in report.Uses)
            usage.Record(use);
        return TypedResults.NoContent();
    }
}
