using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.ServiceDefaults.Identity;

public static class IdentityExtensions
{
    /// <summary>The name of the only authentication scheme.</summary>
    public const string Scheme = "Gaia";

    /// <summary>
    /// Registers the authentication of requests (internal token, user JWT or API key) and authorization, whose default policy is
    /// any authenticated user. Endpoints say <c>.RequireAuthorization()</c> or <c>.AllowAnonymous()</c>.
    /// </summary>
    /// <param name="builder">The service. It needs a reference to the service <c>auth</c>.</param>
    /// <param name="configure">Runs after the values from configuration (section <c>Identity</c>, <c>Auth:ApiKey</c>).</param>
    public static WebApplicationBuilder AddIdentity(this WebApplicationBuilder builder, Action<IdentityOptions>? configure = null)
    {
        var services = builder.Services;
        services.AddIdentityOptions(configure);
        services.AddServiceClient(AuthClient.Name, AuthClient.Service, AuthClient.Limit);
        services.AddSingleton<AuthClient>();
        services.AddSingleton<InternalTokenKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<InternalTokenKeys>());
        services.AddSingleton<InternalTokenReader>();
        services.AddSingleton<CredentialAuthenticator>();
        services.AddEventConsumer<CredentialsRevokedEvent, RevocationConsumer>(CredentialsRevokedEvent.RevokedSubject);

        services.AddAuthentication(Scheme).AddScheme<AuthenticationSchemeOptions, GaiaAuthenticationHandler>(Scheme, null);
        services.AddAuthorization();
        return builder;
    }

    /// <summary>Binds and validates <see cref="IdentityOptions"/>; part of <see cref="AddIdentity"/>.</summary>
    public static void AddIdentityOptions(this IServiceCollection services, Action<IdentityOptions>? configure = null) =>
        services.AddOptions<IdentityOptions>()
            .BindConfiguration("Identity")
            .Configure<IConfiguration>((options, configuration) =>
            {
                if (configuration["Auth:ApiKey"] is { Length: > 0 } key)
                    options.OperatorKey = key;
                configure?.Invoke(options);
            })
            .ValidateDataAnnotations()
            .ValidateOnStart();
}
