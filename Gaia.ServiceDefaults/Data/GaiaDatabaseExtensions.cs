using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Gaia.ServiceDefaults.Data;

public static class GaiaDatabaseExtensions
{
    public const string ConnectionName = "gaia";
    private const string MaxAutoPrepare = "Max Auto Prepare";
    private const string GssEncryption = "GSS Encryption Mode";

    /// <summary>Of each connection; the ones that were not used for longest give way.</summary>
    private const int PreparedStatements = 64;

    /// <summary>
    /// Registers <typeparamref name="TContext"/> over the database <c>gaia</c> and applies, before the service reports ready,
    /// the migrations embedded in the context's assembly.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="maxPoolSize">Connections this process may hold. All services together stay below PostgreSQL's <c>max_connections</c> (100).</param>
    public static void AddGaiaDatabase<TContext>(this WebApplicationBuilder builder, int maxPoolSize)
        where TContext : DbContext
    {
        var connectionString = GetGaiaConnectionString(builder.Configuration, maxPoolSize);
        builder.AddNpgsqlDbContext<TContext>(
            ConnectionName,
            settings =>
            {
                settings.ConnectionString = connectionString;
                // The default retry forbids transactions of our own and turns an outage into a long hang.
                settings.DisableRetry = true;
            },
            options => options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking));

        // The client package registers the check under the context's name; a service without its database is not ready.
        builder.Services.Configure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations.Where(check => check.Name == typeof(TContext).Name))
            {
                check.Tags.Add(Health.HealthTags.Ready);
                check.Tags.Add(Health.HealthTags.Database);
            }
        });

        builder.Services.AddSingleton<MigrationState>();
        builder.Services.AddHostedService(services => new MigrationRunner(
            connectionString,
            typeof(TContext).Assembly,
            services.GetRequiredService<ServiceInfo>(),
            services.GetRequiredService<MigrationState>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<MigrationRunner>>()));
        builder.Services.AddHealthChecks().AddCheck<MigrationState>("migrations", tags: [Health.HealthTags.Ready]);
    }

    /// <summary>
    /// The connection string <c>gaia</c> with limits that make a server that is gone or hangs an answer within five seconds, together with one exchange at Auth before.
    /// </summary>
    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static string GetGaiaConnectionString(IConfiguration configuration, int maxPoolSize)
    {
        var connectionString = configuration.GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(connectionString))
            throw new InvalidOperationException($"The connection string '{ConnectionName}' is missing: set ConnectionStrings__{ConnectionName}.");
        var limited = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = maxPoolSize,
            // A statement that runs out of time costs a second try to connect, too, to ask the server to cancel it.
            Timeout = 1,
            CommandTimeout = 2,
            CancellationTimeout = -1,
            KeepAlive = 30,
            // Nothing here changes what a session is: settings and locks end with their transaction, and migrations have connections
            // of their own. So none has to be reset before its next use, which would cost several statements each time.
            NoResetOnClose = true,
        };
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        // What runs again and again is planned once for each connection. A pooler between that knows no prepared statements wants 0.
        if (!given.ContainsKey(MaxAutoPrepare))
            limited.MaxAutoPrepare = PreparedStatements;
        // To ask for it costs each new connection a try of its own, which a server that hangs does not answer.
        if (!given.ContainsKey(GssEncryption))
            limited.GssEncryptionMode = GssEncryptionMode.Disable;
        return limited.ConnectionString;
    }
}
