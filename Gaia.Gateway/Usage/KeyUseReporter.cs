using System.Collections.Concurrent;
using System.Net;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Services;
using Polly;

namespace Gaia.Gateway.Usage;

/// <summary>
/// Tells Auth which API keys were used, from where and when, in batches beside the requests: the credentials themselves are
/// remembered here, so that Auth does not see most uses. A crash loses the last few seconds of it.
/// </summary>
internal sealed partial class KeyUseReporter(IHttpClientFactory clients, ServiceTokens identity, TimeProvider time, ILogger<KeyUseReporter> logger)
    : BackgroundService
{
    internal const string Client = "key-usage";

    private const int MaxRemembered = 50_000;
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);

    /// <summary>Ticks in UTC: an atomic value is updated in place.</summary>
    private readonly ConcurrentDictionary<(Guid KeyId, IPAddress Address), long> _used = new();

    public void Record(Guid keyId, IPAddress address)
    {
        var use = (keyId, address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        if (_used.ContainsKey(use) || _used.Count < MaxRemembered)
            _used[use] = time.GetUtcNow().UtcTicks;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(ReportEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await ReportAsync();
            }
            catch (Exception exception) when (exception is HttpRequestException or ExecutionRejectedException or DependencyUnavailableException or OperationCanceledException)
            {
                // Kept for the next round.
                LogLater(_used.Count, exception.GetBaseException().Message);
            }
        }
    }

    private async Task ReportAsync()
    {
        foreach (var batch in _used.ToArray().Chunk(KeyUsageReport.MaxUses))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/key-usage")
            {
                Content = JsonContent.Create(
                    new KeyUsageReport([.. batch.Select(use => new KeyUse(use.Key.KeyId, use.Key.Address, new DateTimeOffset(use.Value, TimeSpan.Zero)))]),
                    KeyUsageJson.Default.KeyUsageReport),
            };
            request.Headers.Add(ServiceHeaders.Token, await identity.GetAsync(CancellationToken.None));
            using var response = await clients.CreateClient(Client).SendAsync(request);
            response.EnsureSuccessStatusCode();
            // What was used again meanwhile stays.
            foreach (var use in batch)
                _used.TryRemove(use);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The use of {Count} API keys is reported later: {Reason}")]
    private partial void LogLater(int count, string reason);
}

internal static class KeyUseExtensions
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    internal static void AddKeyUse(this WebApplicationBuilder builder)
    {
        builder.Services.AddServiceClient(KeyUseReporter.Client, "auth", Limit);
        builder.Services.AddSingleton<KeyUseReporter>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<KeyUseReporter>());
    }

    /// <summary>After authentication.</summary>
    internal static void UseKeyUse(this WebApplication app)
    {
        var reporter = app.Services.GetRequiredService<KeyUseReporter>();
        app.Use((context, next) =>
        {
            if (context.User.Identity is GaiaIdentity { Caller.ApiKeyId: { } keyId } && context.Connection.RemoteIpAddress is { } address)
                reporter.Record(keyId, address);
            return next(context);
        });
    }
}
