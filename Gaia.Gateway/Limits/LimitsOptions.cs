using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway.Limits;

/// <summary>How often clients may ask, section <c>Limits</c>.</summary>
public sealed class LimitsOptions : IValidatableObject
{
    /// <summary>Whether there are limits at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether all replicas share them, through Redis. Otherwise each gateway process counts by itself.</summary>
    public bool Shared { get; init; } = true;

    /// <summary>How long a request waits for Redis. When it takes longer, the process counts by itself until Redis answers again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan SharedTimeout { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary><c>RATE_LIMIT_REQUESTS</c>: requests per period, and at once, of a key, a user and an anonymous client, where nothing below says otherwise.</summary>
    [Range(1, 1_000_000, ErrorMessage = "RATE_LIMIT_REQUESTS (Limits:Requests) must be from 1 to 1000000.")]
    public int? Requests { get; init; }

    /// <summary><c>RATE_LIMIT_PERIOD</c>: that period, as <c>second</c>, <c>minute</c>, <c>hour</c>, <c>day</c> or a number of seconds.</summary>
    public string? Period { get; init; }

    /// <summary>Of an API key. 3000 a minute, 1000 at once.</summary>
    public LimitSetting? Key { get; init; }

    /// <summary>Of a user, all credentials together. 3000 a minute, 1000 at once.</summary>
    public LimitSetting? User { get; init; }

    /// <summary>Of an address without a valid credential; an IPv6 network of 64 bits counts as one. 1200 a minute, 1000 at once.</summary>
    public LimitSetting? Anonymous { get; init; }

    /// <summary>Of refused credentials of an address. 60 a minute, 300 at once.</summary>
    public LimitSetting? FailedAuthentication { get; init; }

    /// <summary>For users of a role, in place of <see cref="User"/> and <see cref="Key"/>; of several roles the most generous counts.</summary>
    public Dictionary<string, LimitSetting> Roles { get; init; } = [];

    /// <summary>How many streams and WebSockets a user may have open at this gateway process.</summary>
    [Range(1, 1_000_000)]
    public int StreamsPerUser { get; init; } = 512;

    internal RateLimit KeyLimit => Limit(Key, 3000, 1000);

    internal RateLimit UserLimit => Limit(User, 3000, 1000);

    internal RateLimit AnonymousLimit => Limit(Anonymous, 1200, 1000);

    internal RateLimit FailedAuthenticationLimit => FailedAuthentication?.Limit ?? new RateLimit(60, TimeSpan.FromMinutes(1), 300);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TryReadPeriod(Period, out _))
            yield return new ValidationResult("RATE_LIMIT_PERIOD (Limits:Period) must be second, minute, hour, day or a number of seconds from 1 to 2678400.");
        (string Name, LimitSetting? Setting)[] settings =
        [
            (nameof(Key), Key), (nameof(User), User), (nameof(Anonymous), Anonymous), (nameof(FailedAuthentication), FailedAuthentication),
            .. Roles.Select(role => ($"{nameof(Roles)}:{role.Key}", role.Value)),
        ];
        foreach (var (name, setting) in settings)
        {
            if (setting is { IsValid: false })
                yield return new ValidationResult($"Limits:{name} needs Permits and Burst from 1 to 1000000 and a Period from 00:00:01 to 31.00:00:00.");
        }
    }

    private RateLimit Limit(LimitSetting? setting, int permits, int burst)
    {
        if (setting is not null)
            return setting.Limit;
        TryReadPeriod(Period, out var period);
        return Requests is { } requests ? new RateLimit(requests, period, requests) : new RateLimit(permits, period, burst);
    }

    private static bool TryReadPeriod(string? text, out TimeSpan period)
    {
        double seconds = text?.Trim().ToLowerInvariant() switch
        {
            null or "" or "minute" => 60,
            "second" => 1,
            "hour" => 3600,
            "day" => 86400,
            var number => double.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0,
        };
        var valid = seconds is >= 1 and <= 2678400;
        period = TimeSpan.FromSeconds(valid ? seconds : 60);
        return valid;
    }
}

/// <summary>One limit in configuration.</summary>
public sealed class LimitSetting
{
    /// <summary>How many requests per period.</summary>
    public int Permits { get; init; }

    public TimeSpan Period { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many at once; as many as per period when absent.</summary>
    public int? Burst { get; init; }

    internal RateLimit Limit => new(Permits, Period, Burst ?? Permits);

    internal bool IsValid =>
        Permits is >= 1 and <= 1_000_000 && Burst is null or (>= 1 and <= 1_000_000) && Period >= TimeSpan.FromSeconds(1) && Period <= TimeSpan.FromDays(31);
}
