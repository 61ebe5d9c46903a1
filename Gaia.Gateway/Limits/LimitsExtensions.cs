using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway.Limits;

/// <summary>How often a key, a user or an address may ask, and how many streams a user may have open.</summary>
internal static class LimitsExtensions
{
    internal static void AddLimits(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<LimitsOptions>().BindConfiguration("Limits").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LimitPolicy>();
        services.AddSingleton<SharedLimits>();
        services.AddHostedService(provider => provider.GetRequiredService<SharedLimits>());
        services.AddSingleton<Limiter>();
        services.AddSingleton<BucketTable>();
        services.AddHostedService(provider => provider.GetRequiredService<BucketTable>());
        services.AddSingleton<StreamSlots>();
        services.AddSingleton<FailedAuthenticationGate>();
        if (builder.Configuration.GetValue("Limits:Enabled", defaultValue: true))
            services.AddSingleton<IFailedAuthenticationGate>(provider => provider.GetRequiredService<FailedAuthenticationGate>());
    }

    /// <summary>Behind authentication, in front of all else that costs something.</summary>
    internal static void UseLimits(this WebApplication app) => app.UseMiddleware<LimitsMiddleware>();
}
