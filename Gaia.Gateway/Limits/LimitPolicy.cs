using Gaia.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace Gaia.Gateway.Limits;

/// <summary>Which limits hold for a caller.</summary>
internal sealed class LimitPolicy(IOptions<LimitsOptions> options)
{
    private readonly RateLimit _key = options.Value.KeyLimit;
    private readonly RateLimit _user = options.Value.UserLimit;
    private readonly Dictionary<string, RateLimit> _roles =
        options.Value.Roles.ToDictionary(role => role.Key, role => role.Value.Limit, StringComparer.OrdinalIgnoreCase);

    public RateLimit Anonymous { get; } = options.Value.AnonymousLimit;

    public RateLimit FailedAuthentication { get; } = options.Value.FailedAuthenticationLimit;

    /// <returns>
    /// The limit of the caller's key, null without one, and of the user. A key that was given more than its user has counts by
    /// itself, otherwise it would have been given nothing.
    /// </returns>
    public (RateLimit? Key, RateLimit? User) Of(Caller caller)
    {
        var role = OfRoles(caller);
        var user = role ?? _user;
        if (caller.ApiKeyId is null)
            return (null, user);
        return caller.RateLimit is { } own
            ? (own, IsMoreGenerous(own, user) ? null : user)
            : (role ?? _key, user);
    }

    private RateLimit? OfRoles(Caller caller)
    {
        RateLimit? best = null;
        for (var i = 0; _roles.Count > 0 && i < caller.Roles.Count; i++)
        {
            if (_roles.TryGetValue(caller.Roles[i], out var limit) && (best is not { } known || IsMoreGenerous(limit, known)))
                best = limit;
        }

        return best;
    }

    /// <summary>By the rate, then by the burst.</summary>
    private static bool IsMoreGenerous(RateLimit one, RateLimit other)
    {
        var (left, right) = (one.Permits / one.Period.TotalSeconds, other.Permits / other.Period.TotalSeconds);
        return left > right || (left == right && one.Burst > other.Burst);
    }
}
