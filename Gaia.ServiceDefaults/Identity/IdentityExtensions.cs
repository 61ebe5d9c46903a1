using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
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
    /// <param name="builder">The service. It needs a reference to the service <c>auth</c> and a <c>Gaia:ServiceKey</c>.</param>
    /// <param name="configure">Runs after the values from configuration (section <c>Identity</c>, <c>Auth:ApiKey</c>).</param>
    public static WebApplicationBuilder AddIdentity(this WebApplicationBuilder builder, Action<IdentityOptions>? configure = null)
    {
        var services = builder.Services;
        services.AddOptions<ServiceIdentityOptions>().BindConfiguration("Gaia").ValidateDataAnnotations().ValidateOnStart();
        services.AddServiceClient(AuthClient.Name, AuthClient.Service, AuthClient.Limit);
        services.AddSingleton<ServiceTokens>();
        services.AddHostedService(provider => provider.GetRequiredService<ServiceTokens>());
        return builder.AddIdentity<AuthClient>(configure);
    }

    /// <summary>The same for Auth, which asks itself.</summary>
    public static WebApplicationBuilder AddIdentity<TAuthority>(this WebApplicationBuilder builder, Action<IdentityOptions>? configure = null)
        where TAuthority : class, IAuthority
    {
        var services = builder.Services;
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
        services.AddSingleton<IAuthority, TAuthority>();
        services.AddSingleton<InternalTokenKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<InternalTokenKeys>());
        services.AddSingleton<SignedTokenReader>();
        services.AddSingleton<InternalTokenReader>();
        services.AddSingleton<CredentialAuthenticator>();
        services.AddSingleton<RememberedCallers>();
        services.AddEventConsumer<CredentialsRevokedEvent, RevocationConsumer>(CredentialsRevokedEvent.RevokedSubject);

        // AddAuthentication would also keep a key ring in files, for cookies. Credentials here are none.
        services.AddAuthenticationCore(static authentication => authentication.DefaultScheme = Scheme);
        services.AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, GaiaAuthenticationHandler>(Scheme, null);
        services.AddAuthorization();
        services.AddPermissions();
        services.AddSingleton<ICallingServiceProof, ServiceTokenProof>();
        services.AddSingleton<IAuthorizationHandler, CallingServiceHandler>();
        return builder;
    }

    /// <summary>
    /// Authenticates requests here in the pipeline; without it the host does so before everything else. A remembered caller takes no
    /// way through the authentication scheme.
    /// </summary>
    public static void UseIdentity(this WebApplication app)
    {
        var callers = app.Services.GetRequiredService<RememberedCallers>();
        app.UseWhen(context => !callers.TryRecall(context), static others => others.UseAuthentication());
        // What UseAuthentication leaves for the host to see that it has none to add, here only in the branch.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
    }
}
