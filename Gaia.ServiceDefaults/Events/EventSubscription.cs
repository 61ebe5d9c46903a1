using System.Diagnostics;
using System.Text.Json;
using Gaia.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Gaia.ServiceDefaults.Events;

/// <summary>Feeds the events of one subject to their handler, for as long as the service runs and whatever NATS does.</summary>
internal sealed partial class EventSubscription<TEvent, TConsumer>(
    string subject,
    IServiceProvider services,
    TConsumer handler,
    TimeProvider time,
    ILogger<EventSubscription<TEvent, TConsumer>> logger) : BackgroundService
    where TEvent : IEvent<TEvent>
    where TConsumer : IEventConsumer<TEvent>
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var connection = services.GetRequiredService<INatsConnection>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var message in connection.SubscribeAsync<byte[]>(subject, cancellationToken: stoppingToken))
                    await HandleAsync(message, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogRetrying(subject, exception.Message);
            }

            await Task.Delay(RetryDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HandleAsync(NatsMsg<byte[]> message, CancellationToken cancellationToken)
    {
        ActivityContext.TryParse(message.Headers?["traceparent"].ToString(), null, isRemote: true, out var parent);
        using var activity = GaiaTelemetry.Source.StartActivity($"handle {message.Subject}", ActivityKind.Consumer, parent);
        try
        {
            if (Read(message.Data) is { } value)
                await handler.HandleAsync(value, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            LogFailed(exception, message.Subject);
        }
    }

    /// <summary>Some legacy publishers encode twice: a JSON string that holds the JSON.</summary>
    private static TEvent? Read(byte[]? data)
    {
        if (data is not { Length: > 0 })
            return default;
        if (data[0] != '"')
            return JsonSerializer.Deserialize(data, TEvent.Json);
        return JsonSerializer.Deserialize(data, EventJson.Default.String) is { } inner ? JsonSerializer.Deserialize(inner, TEvent.Json) : default;
    }

    [LoggerMessage(LogLevel.Warning, "The subscription to {Subject} ended and is renewed: {Reason}")]
    private partial void LogRetrying(string subject, string reason);

    [LoggerMessage(LogLevel.Error, "An event on {Subject} could not be handled")]
    private partial void LogFailed(Exception exception, string subject);
}
