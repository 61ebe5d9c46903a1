using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gaia.ServiceDefaults.Caching;

internal static class CachingExtensions
{
    internal static void AddTwoLevelCache(this WebApplicationBuilder builder)
    {
        builder.AddRedisClient("redis");
        builder.Services.AddSingleton<RedisStore>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RedisStore>());
        builder.Services.AddSingleton(services => new TwoLevelCache(services.GetRequiredService<RedisStore>(), services.GetRequiredService<TimeProvider>()));
    }
}
