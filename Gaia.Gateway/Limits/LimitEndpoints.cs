using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Gaia.Gateway.Limits;

/// <param name="PeriodSeconds">In which so many requests are let through.</param>
/// <param name="Burst">Requests at once.</param>
public sealed record LimitBody(string Name, int Permits, double PeriodSeconds, int Burst);

/// <summary>The limits of this gateway.</summary>
/// <param name="Enabled">Whether they hold at all.</param>
/// <param name="Shared">Whether all replicas count together.</param>
/// <param name="Limits">Of a key, a user, an address without credential, and refused credentials of an address.</param>
/// <param name="Roles">In place of those of a key and a user.</param>
/// <param name="StreamsPerUser">At this process.</param>
public sealed record LimitsBody(bool Enabled, bool Shared, IReadOnlyList<LimitBody> Limits, IReadOnlyList<LimitBody> Roles, int StreamsPerUser);

/// <summary>What the settings come to, for those who administer.</summary>
internal static class LimitEndpoints
{
    private const string Administration = "/api/v1/admin";

    internal static void MapLimits(this IEndpointRouteBuilder routes) =>
        routes.MapGet($"{Administration}/limits", Show)
            .WithTags("Administration")
            .WithSummary("The limits that hold")
            .WithDescription("As the settings of the gateway say; a key may have one of its own.")
            .Produces<LimitsBody>()
            .Produces<ErrorBody>(StatusCodes.Status401Unauthorized)
            .Produces<ErrorBody>(StatusCodes.Status403Forbidden)
            .RequirePermission("api", "access", Administration)
            .RequirePermission("admin", "system|users");

    private static JsonHttpResult<LimitsBody> Show(IOptions<LimitsOptions> options)
    {
        var limits = options.Value;
        return TypedResults.Json(
            new LimitsBody(
                limits.Enabled,
                limits.Shared,
                [
                    Describe("key", limits.KeyLimit), Describe("user", limits.UserLimit), Describe("anonymous", limits.AnonymousLimit),
                    Describe("failed_authentication", limits.FailedAuthenticationLimit),
                ],
                [.. limits.Roles.OrderBy(role => role.Key, StringComparer.Ordinal).Select(role => Describe(role.Key, role.Value.Limit))],
                limits.StreamsPerUser),
            LimitJson.Readable.LimitsBody);
    }

    private static LimitBody Describe(string name, RateLimit limit) => new(name, limit.Permits, limit.Period.TotalSeconds, limit.Burst);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LimitsBody))]
internal sealed partial class LimitJson : JsonSerializerContext
{
    public static LimitJson Readable => field ??= new(Default.Readable());
}
