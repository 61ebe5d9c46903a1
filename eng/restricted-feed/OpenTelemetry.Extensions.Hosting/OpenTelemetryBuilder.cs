using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Resources;

namespace OpenTelemetry;

public sealed class OpenTelemetryBuilder : IOpenTelemetryBuilder
{
    internal OpenTelemetryBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    public OpenTelemetryBuilder ConfigureResource(Action<ResourceBuilder> configure) => Self(OpenTelemetryBuilderSdkExtensions.ConfigureResource(this, configure));

    public OpenTelemetryBuilder WithMetrics(Action<MeterProviderBuilder> configure) => Self(OpenTelemetryBuilderSdkExtensions.WithMetrics(this, configure));

    public OpenTelemetryBuilder WithTracing(Action<TracerProviderBuilder> configure) => Self(OpenTelemetryBuilderSdkExtensions.WithTracing(this, configure));

    private OpenTelemetryBuilder Self(IOpenTelemetryBuilder _) => this;
}
