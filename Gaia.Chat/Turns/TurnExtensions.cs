using Microsoft.AspNetCore.Http.Features;

namespace Gaia.Chat.Turns;

internal static class TurnExtensions
{
    internal static void AddTurns(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<GroupCommit>();
        services.AddScoped<TurnStore>();
        services.AddScoped<RunStore>();
        services.AddScoped<ChatTurns>();
        services.AddSingleton<TurnServices>();
        services.AddSingleton<ActiveRuns>();
        // They stop in the other order, after those whose times and runs they keep.
        services.AddSingleton<CallTimes>();
        services.AddHostedService(provider => provider.GetRequiredService<CallTimes>());
        services.AddHostedService<RunKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<ActiveRuns>());
        services.AddSingleton<IStartupFilter, ClockFilter>();
    }

    /// <summary>The request's clock, which began when the request came in.</summary>
    internal static StageClock Clock(this HttpContext http) => http.Features.GetRequiredFeature<StageClock>();

    /// <summary>Starts a clock before everything else, for what may ask a model.</summary>
    private sealed class ClockFilter(CallTimes times, TimeProvider time) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (http, rest) =>
            {
                if (!HttpMethods.IsPost(http.Request.Method))
                {
                    await rest(http);
                    return;
                }

                var clock = new StageClock(time);
                http.Features.Set(clock);
                try
                {
                    await rest(http);
                }
                finally
                {
                    clock.Finish(times);
                }
            });
            next(app);
        };
    }
}
