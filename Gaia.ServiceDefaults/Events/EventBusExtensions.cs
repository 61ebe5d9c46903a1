using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Gaia.ServiceDefaults.Events;

public static class EventBusExtensions
{
    internal static void AddEventBus(this WebApplicationBuilder builder)
    {
        builder.AddNatsClient("nats");
        builder.Services.AddSingleton<NatsEventBus>();
        builder.Services.AddSingleton<IEventBus>(services => services.GetRequiredService<NatsEventBus>());
        builder.Services.AddHostedService(services => services.GetRequiredService<NatsEventBus>());
    }

    /// <summary>Has <typeparamref name="TConsumer"/> (a singleton) handle every event on <paramref name="subject"/>, which may hold NATS wildcards.</summary>
    public static IServiceCollection AddEventConsumer<TEvent, TConsumer>(this IServiceCollection services, string subject)
        where TEvent : IEvent<TEvent>
        where TConsumer : class, IEventConsumer<TEvent>
    {
        services.TryAddSingleton<TConsumer>();
        services.AddSingleton<IHostedService>(provider =>
            ActivatorUtilities.CreateInstance<EventSubscription<TEvent, TConsumer>>(provider, subject, provider.GetRequiredService<TConsumer>()));
        return services;
    }
}
