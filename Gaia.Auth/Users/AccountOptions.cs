using System.ComponentModel.DataAnnotations;

namespace Gaia.Auth.Users;

/// <summary>Where users live (<c>AUTH_BACKEND</c>, <c>SUPABASE_AUTH_ENABLED</c>).</summary>
public enum AuthBackend
{
    /// <summary>Gaia's own tables.</summary>
    Postgresql,

    /// <summary>A Supabase project; it also knows the API keys of legacy forms.</summary>
    Supabase,

    /// <summary>Users at Supabase; an API key of a legacy form here or there.</summary>
    Dual,
}

/// <summary>How users sign up and sign in (section <c>Auth</c>).</summary>
public sealed class AccountOptions
{
    /// <summary><c>postgres</c>, <c>postgresql</c>, <c>supabase</c> or <c>dual</c>.</summary>
    [RegularExpression("(?i)postgres|postgresql|supabase|dual", ErrorMessage = "AUTH_BACKEND must be postgres, supabase or dual.")]
    public string Backend { get; set; } = "postgres";

    /// <summary>The older way to say <c>supabase</c>.</summary>
    public bool SupabaseEnabled { get; set; }

    /// <summary>Whether a login needs a confirmed address. Without it only that of an address which a user had before does.</summary>
    public bool RequireConfirmedEmail { get; set; }

    /// <summary>The claim <c>iss</c> of the tokens that users get from here.</summary>
    [Required, RegularExpression("(?!gaia-auth(-service)?$).+", ErrorMessage = "Auth:Issuer must not be gaia-auth or gaia-auth-service, the issuers of internal and of service tokens.")]
    public string Issuer { get; set; } = "gaia-users";

    /// <summary>How long an access token lives.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a session lives without being refreshed.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>For how long a client may repeat its last refresh, should it have lost the answer. It gets the same refresh token again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RefreshGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the link in a mail works.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "7.00:00:00")]
    public TimeSpan ConfirmationLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Rounds of PBKDF2 with HMAC-SHA-512. A stored hash of fewer is renewed at the next login.</summary>
    [Range(1_000, 10_000_000)]
    public int PasswordIterations { get; set; } = 210_000;

    /// <summary>A comma list of domains whose addresses cannot be registered.</summary>
    public string BlockedEmailDomains { get; set; } = "";

    /// <summary>Where the links in mails lead (<c>WEB_SERVICE_BASE_URL</c>).</summary>
    [Url]
    public string WebBaseUrl { get; set; } = "http://localhost:8080";

    internal AuthBackend ChosenBackend => Backend.ToUpperInvariant() switch
    {
        "SUPABASE" => AuthBackend.Supabase,
        "DUAL" => AuthBackend.Dual,
        _ => SupabaseEnabled ? AuthBackend.Supabase : AuthBackend.Postgresql,
    };

    internal bool IsBlockedDomain(string domain) =>
        BlockedEmailDomains.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Contains(domain, StringComparer.OrdinalIgnoreCase);
}
