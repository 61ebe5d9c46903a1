using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OpenTelemetry;

public sealed class OpenTelemetryBuilder : IOpenTelemetryBuilder
{
    internal OpenTelemetryBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    public OpenTelemetryBuilder ConfigureResource(Action<ResourceBuilder> configure) => Self(OpenTelemetryBuilderSdkExtensions.ConfigureResource(this, configure));

    public OpenTelemetryBuilder WithMetrics(Action<MeterProviderBuilder> configure) => Self(OpenTelemetryBuilderSdkExtensions.WithMetrics(this, configure));

    public OpenTelemetryBuilder WithTracing(Action<TracerProviderBuilder> configure) => Self(OpenTelemetryBuilderSdkExtensions.WithTracing(this, configure));

    public OpenTelemetryBuilder WithLogging() => Self(OpenTelemetryBuilderSdkExtensions.WithLogging(this));

    public OpenTelemetryBuilder WithLogging(Action<LoggerProviderBuilder>? configureBuilder, Action<OpenTelemetryLoggerOptions>? configureOptions) =>
        Self(OpenTelemetryBuilderSdkExtensions.WithLogging(this, configureBuilder, configureOptions));

    private OpenTelemetryBuilder Self(IOpenTelemetryBuilder _) => this;
}
