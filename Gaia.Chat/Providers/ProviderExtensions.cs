using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Anthropic.Core;
using Gaia.Chat.Providers.Local;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OpenAI;

namespace Gaia.Chat.Providers;

internal static class ProviderExtensions
{
    /// <summary>Anthropic wants a bound with every request.</summary>
    private const int AnthropicMaxOutputTokens = 4096;

    /// <summary>Registers the catalogue and one <see cref="IChatClient"/> for each provider, under its name as the key.</summary>
    internal static void AddProviders(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ProviderSettings>().BindConfiguration(ProviderSettings.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProviderSettings>, ProviderSettingsValidator>();
        services.AddOptions<ChatModels>().BindConfiguration(ChatModels.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChatModels>, ChatModelsValidator>();
        services.AddSingleton<ModelCatalogue>();
        services.AddSingleton<ModelSelector>();
        services.AddSingleton<ProviderOutcomes>();
        services.AddSingleton<ProviderChecks>();
        services.AddSingleton<ProviderHealth>();

        services.AddProvider(ProviderNames.OpenAI, CreateOpenAI);
        services.AddProvider(ProviderNames.Anthropic, CreateAnthropic);
        services.AddProvider(ProviderNames.Local, static (settings, _) => new LocalChatClient(settings.Local));
    }

    private static void AddProvider(this IServiceCollection services, string name, Func<ProviderSettings, HttpClient, IChatClient> create) =>
        services
            .AddKeyedChatClient(name, provider =>
            {
                var settings = provider.GetRequiredService<IOptions<ProviderSettings>>().Value;
                return create(settings, CreateHttpClient(settings));
            })
            .Use((inner, _) => new InstrumentedChatClient(inner, name))
            .Use((inner, provider) =>
            {
                var settings = provider.GetRequiredService<IOptions<ProviderSettings>>().Value;
                return new GuardedChatClient(inner, name, settings.FirstChunkTimeout, settings.IdleTimeout,
                    provider.GetRequiredService<ProviderOutcomes>(), provider.GetRequiredService<TimeProvider>());
            });

    /// <summary>
    /// Not from the factory: the service-to-service policy there retries, and ends a call after some seconds. Redirects are not
    /// followed, for they would carry the key to another host.
    /// </summary>
    private static HttpClient CreateHttpClient(ProviderSettings settings) =>
        new(new SocketsHttpHandler
        {
            ConnectTimeout = settings.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
            // An answer that nobody wants any more is not read to its end: the connection is closed, so that the provider stops.
            ResponseDrainTimeout = TimeSpan.Zero,
        })
        { Timeout = Timeout.InfiniteTimeSpan };

    private static IChatClient CreateOpenAI(ProviderSettings settings, HttpClient http)
    {
        var options = new OpenAIClientOptions
        {
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        if (!string.IsNullOrWhiteSpace(settings.OpenAI.BaseUrl))
            options.Endpoint = new Uri(settings.OpenAI.BaseUrl);
        if (!string.IsNullOrWhiteSpace(settings.OpenAI.Organization))
            options.OrganizationId = settings.OpenAI.Organization;
        // Each request names its model; the SDK wants one here too.
        return new OpenAIClient(new ApiKeyCredential(KeyOf(settings.OpenAI)), options).GetChatClient("gpt-4o-mini").AsIChatClient();
    }

    private static IChatClient CreateAnthropic(ProviderSettings settings, HttpClient http)
    {
        var options = new ClientOptions
        {
            HttpClient = http,
            ApiKey = KeyOf(settings.Anthropic),
            // Otherwise taken from the environment and sent beside the key.
            AuthToken = null,
            MaxRetries = 0,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (!string.IsNullOrWhiteSpace(settings.Anthropic.BaseUrl))
            options.BaseUrl = settings.Anthropic.BaseUrl;
        return new AnthropicClient(options).AsIChatClient(defaultMaxOutputTokens: AnthropicMaxOutputTokens);
    }

    private static string KeyOf(EndpointSettings endpoint) => string.IsNullOrWhiteSpace(endpoint.ApiKey) ? "none" : endpoint.ApiKey;
}
