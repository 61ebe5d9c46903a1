using Gaia.Chat.Providers.Local;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Providers;

/// <summary>How the providers of language models are reached. Section <c>Providers</c>.</summary>
public sealed class ProviderSettings
{
    public const string Section = "Providers";

    /// <summary>OpenAI, or with a <see cref="EndpointSettings.BaseUrl"/> any server that speaks its chat completions.</summary>
    public EndpointSettings OpenAI { get; set; } = new();

    public EndpointSettings Anthropic { get; set; } = new();

    /// <summary>The embedded, offline provider.</summary>
    public LocalChatOptions Local { get; set; } = new();

    /// <summary>The provider of requests that name no model. <c>claude</c> is another name of <c>anthropic</c>.</summary>
    public string? DefaultProvider { get; set; }

    /// <summary>The model of requests that name none. One that the catalogue lacks is asked of the default provider.</summary>
    public string? DefaultModel { get; set; }

    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>From sending a request to the first piece of its answer.</summary>
    public TimeSpan FirstChunkTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two pieces of an answer. The whole of it may take as long as it likes.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

public sealed class EndpointSettings
{
    public string? ApiKey { get; set; }

    public string? BaseUrl { get; set; }

    public string? Organization { get; set; }

    /// <summary>A server of one's own often asks for no key, so an address alone is enough.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(ApiKey) || !string.IsNullOrWhiteSpace(BaseUrl);
}

internal sealed class ProviderSettingsValidator : IValidateOptions<ProviderSettings>
{
    public ValidateOptionsResult Validate(string? name, ProviderSettings options)
    {
        var mistakes = new List<string>();
        Check(options.OpenAI, nameof(options.OpenAI));
        Check(options.Anthropic, nameof(options.Anthropic));
        if (!string.IsNullOrWhiteSpace(options.DefaultProvider) && ProviderNames.Find(options.DefaultProvider) is null)
            mistakes.Add($"Providers:DefaultProvider is '{options.DefaultProvider}': use one of {string.Join(", ", ProviderNames.All)}, or leave it out.");
        if (options.ConnectTimeout <= TimeSpan.Zero || options.FirstChunkTimeout <= TimeSpan.Zero || options.IdleTimeout <= TimeSpan.Zero)
            mistakes.Add("Providers:ConnectTimeout, FirstChunkTimeout and IdleTimeout are times above zero, such as 00:00:30.");
        return mistakes is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);

        void Check(EndpointSettings endpoint, string provider)
        {
            if (!string.IsNullOrWhiteSpace(endpoint.BaseUrl)
                && !(Uri.TryCreate(endpoint.BaseUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
                mistakes.Add($"Providers:{provider}:BaseUrl is not an http or https address.");
        }
    }
}

internal static class ProviderNames
{
    public const string OpenAI = "openai";
    public const string Anthropic = "anthropic";
    public const string Local = LocalChatClient.ProviderName;

    public static IReadOnlyList<string> All { get; } = [Anthropic, OpenAI, Local];

    /// <summary>The provider that a setting means, or null for none of ours.</summary>
    public static string? Find(string name) => name.Trim().ToLowerInvariant() switch
    {
        "claude" or Anthropic => Anthropic,
        OpenAI => OpenAI,
        Local or LocalChatClient.ModelName => Local,
        _ => null,
    };

    /// <summary>The name by which the legacy clients know a provider.</summary>
    public static string ToLegacy(string provider) => provider == Anthropic ? "claude" : provider;

    /// <summary>A provider's name as people write it.</summary>
    public static string Display(string provider) => provider switch
    {
        Anthropic => "Anthropic Claude",
        OpenAI => "OpenAI",
        Local => "Gaia, offline",
        _ => provider,
    };
}
