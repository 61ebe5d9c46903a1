using Gaia.Auth.Users;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Supabase;

/// <summary>A Supabase project (section <c>Supabase</c>; <c>SUPABASE_URL</c>, <c>SUPABASE_ANON_KEY</c>…).</summary>
public sealed class SupabaseOptions
{
    private const int MinSecretLength = 16;

    /// <summary>The project's address without a slash at its end. With it, tokens are accepted that the project's published keys verify.</summary>
    public string? Url
    {
        get;
        set => field = string.IsNullOrWhiteSpace(value) ? null : value.Trim().TrimEnd('/');
    }

    /// <summary>The project's public key, for calls to it.</summary>
    public string? AnonKey
    {
        get;
        set => field = string.IsNullOrWhiteSpace(value) ? null : value;
    }

    /// <summary>The project's key for servers, for looking up API keys; the public key serves where it is missing.</summary>
    public string? ServiceKey
    {
        get;
        set => field = string.IsNullOrWhiteSpace(value) ? null : value;
    }

    /// <summary>The project's older way to sign tokens. Without it no token of that kind is accepted.</summary>
    public string? JwtSecret
    {
        get;
        set => field = string.IsNullOrWhiteSpace(value) ? null : value;
    }

    /// <summary>The claim <c>iss</c> of the project's tokens.</summary>
    internal string? Issuer => Url is null ? null : $"{Url}/auth/v1";

    internal sealed class Validator(IConfiguration configuration) : IValidateOptions<SupabaseOptions>
    {
        public ValidateOptionsResult Validate(string? name, SupabaseOptions options)
        {
            var result = new ValidateOptionsResultBuilder();
            // Not as options: what is wrong with those is told by themselves.
            var accounts = configuration.GetSection("Auth").Get<AccountOptions>() ?? new AccountOptions();
            if (options.Url is { } url && (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0))
                result.AddError("SUPABASE_URL must be an address such as https://project.supabase.co.");
            if (options.JwtSecret is { Length: < MinSecretLength })
                result.AddError($"SUPABASE_JWT_SECRET must have at least {MinSecretLength} characters.");
            if (accounts.ChosenBackend != AuthBackend.Postgresql && (options.Url is null || options.AnonKey is null))
                result.AddError("AUTH_BACKEND asks for Supabase: give SUPABASE_URL and SUPABASE_ANON_KEY, too.");
            return result.Build();
        }
    }
}
