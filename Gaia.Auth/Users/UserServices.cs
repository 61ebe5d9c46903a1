using Gaia.Auth.Mail;
using Gaia.Auth.Sessions;
using Gaia.Auth.Supabase;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Users;

internal static class UserServices
{
    /// <summary>Users who sign in, wherever they live, their sessions and the mails to them.</summary>
    internal static void AddUsers(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AccountOptions>().BindConfiguration("Auth").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ThrottleOptions>().BindConfiguration("Auth:Throttle").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<MailOptions>().BindConfiguration("Mail").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SupabaseOptions>().BindConfiguration("Supabase").ValidateOnStart();
        services.AddSingleton<IValidateOptions<SupabaseOptions>, SupabaseOptions.Validator>();

        services.AddSingleton<Passwords>();
        services.AddSingleton<RefreshTokenChain>();
        services.AddSingleton<AccessTokenIssuer>();
        services.AddScoped<Throttle>();
        services.AddScoped<LoginGuard>();
        services.AddScoped<Confirmations>();
        services.AddScoped<UserProvisioning>();
        services.AddScoped<SessionStore>();
        services.AddScoped<AccessTokenVerifier>();
        services.AddScoped<AccountEvents>();
        services.AddHostedService<SessionCleanup>();

        GoTrueClient.AddTo(services);
        services.AddSingleton<SupabaseKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<SupabaseKeys>());
        services.AddSingleton<SupabaseTokens>();
        services.AddScoped<SupabaseSessions>();
        services.AddScoped<SupabaseKeyLookup>();

        services.AddScoped<OwnUsers>();
        services.AddScoped<SupabaseUsers>();
        services.AddScoped<IUserDirectory>(provider => provider.GetRequiredService<IOptions<AccountOptions>>().Value.ChosenBackend == AuthBackend.Postgresql
            ? provider.GetRequiredService<OwnUsers>()
            : provider.GetRequiredService<SupabaseUsers>());

        services.AddSingleton<MailBell>();
        services.AddSingleton<SmtpTransport>();
        services.AddHostedService<MailSender>();
    }
}
