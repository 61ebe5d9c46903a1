using System.ComponentModel.DataAnnotations;

namespace Gaia.Auth.ApiKeys;

/// <summary>The rules for API keys that users make: section <c>Auth:Keys</c>.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>How many keys that count one user may have.</summary>
    [Range(1, 10_000)]
    public int MaxPerUser { get; init; } = 100;

    /// <summary>From this age on a key is due for rotation; null for never.</summary>
    [Range(1, 3650)]
    public int? RotateAfterDays { get; init; }

    /// <summary>How long a key that is due goes on counting before it expires by itself.</summary>
    [Range(0, 365)]
    public int RotationGraceDays { get; init; } = 14;

    /// <summary>How long a rotated key goes on counting beside the new one, unless the request says otherwise.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan RotationOverlap { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The longest overlap that a request may ask for.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan MaxRotationOverlap { get; init; } = TimeSpan.FromDays(30);

    /// <summary>For how long it is remembered from where a key was used.</summary>
    [Range(1, 3650)]
    public int RememberAddressesDays { get; init; } = 180;
}
