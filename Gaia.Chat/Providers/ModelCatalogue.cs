using System.Collections.Frozen;
using Gaia.Chat.Providers.Local;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Providers;

/// <summary>The models that this installation can ask, and which of them answers when a request names none.</summary>
internal sealed partial class ModelCatalogue
{
    public const string Available = "available";
    public const string NotConfigured = "not_configured";

    private readonly ProviderSettings _settings;
    private readonly FrozenDictionary<string, ChatModel> _models;

    public ModelCatalogue(IOptions<ChatModels> models, IOptions<ProviderSettings> providers, ILogger<ModelCatalogue> logger)
    {
        var settings = _settings = providers.Value;
        ChatModel[] all = [.. models.Value];
        if (!all.Any(model => model.Provider == ProviderNames.Local))
            all = [.. all, Offline];
        ChatModel[] usable = [.. all.Where(model => IsConfigured(settings, model.Provider))];

        Default = ChooseDefault(settings, models.Value, usable, logger);
        All = [.. all.Append(Default).DistinctBy(model => model.Id, StringComparer.OrdinalIgnoreCase)];
        Usable = [.. All.Where(IsUsable)];
        _models = Usable.ToFrozenDictionary(model => model.Id, StringComparer.OrdinalIgnoreCase);
        LogDefault(logger, Default.Id, Default.Provider);
    }

    /// <summary>Answers where the catalogue was replaced by one without it.</summary>
    private static ChatModel Offline => new()
    {
        Id = LocalChatClient.ModelName,
        Provider = ProviderNames.Local,
        Name = "Gaia, offline",
        ContextWindow = 32768,
        MaxOutputTokens = 4096,
        InputTokenPrice = 0,
        OutputTokenPrice = 0,
    };

    /// <summary>In the order of the settings, those of providers without a key, too.</summary>
    public IReadOnlyList<ChatModel> All { get; }

    /// <summary>Those that can be asked here.</summary>
    public IReadOnlyList<ChatModel> Usable { get; }

    public ChatModel Default { get; }

    public bool IsUsable(ChatModel model) => IsConfigured(model.Provider);

    /// <summary>Whether a provider has what it takes to be asked.</summary>
    public bool IsConfigured(string provider) => IsConfigured(_settings, provider);

    public string StatusOf(string provider) => IsConfigured(provider) ? Available : NotConfigured;

    /// <summary>The model of that name, if its provider is configured here.</summary>
    public ChatModel? Find(string? id) => id is not null && _models.TryGetValue(id, out var model) ? model : null;

    /// <summary>The model of that name, whether it can be asked or not.</summary>
    public ChatModel? FindAny(string id) => All.FirstOrDefault(model => model.Id.Equals(id, StringComparison.OrdinalIgnoreCase));

    /// <summary>The model of that name, if its provider is configured here; otherwise the default.</summary>
    public ChatModel FindOrDefault(string? id) => Find(id) ?? Default;

    /// <summary>The model that answers for a provider; null when there is none here.</summary>
    public ChatModel? FirstOf(string? provider) =>
        Default.Provider == provider ? Default : Usable.FirstOrDefault(model => model.Provider == provider);

    private static ChatModel ChooseDefault(ProviderSettings settings, IReadOnlyList<ChatModel> all, ChatModel[] usable, ILogger logger)
    {
        var provider = string.IsNullOrWhiteSpace(settings.DefaultProvider) ? null : ProviderNames.Find(settings.DefaultProvider);
        if (provider is not null && !IsConfigured(settings, provider))
        {
            LogNoKey(logger, $"DefaultProvider '{provider}'");
            provider = null;
        }

        // Without a wish: whoever has a key, in the order of their names; the offline model only if nobody has.
        provider ??= ProviderNames.All.First(name => IsConfigured(settings, name));

        if (!string.IsNullOrWhiteSpace(settings.DefaultModel))
        {
            var id = settings.DefaultModel.Trim();
            if (usable.FirstOrDefault(model => model.Id.Equals(id, StringComparison.OrdinalIgnoreCase)) is { } wished)
                return wished;
            if (all.Any(model => model.Id.Equals(id, StringComparison.OrdinalIgnoreCase)) || provider == ProviderNames.Local)
                LogNoKey(logger, $"DefaultModel '{id}'");
            else
                // A server of one's own has models that no catalogue knows; a small window is the safe guess.
                return new ChatModel { Id = id, Provider = provider, Name = id, ContextWindow = 16384, MaxOutputTokens = 4096 };
        }

        return usable.FirstOrDefault(model => model.Provider == provider)
            ?? throw new InvalidOperationException($"The catalogue (section Models) has no model of the provider '{provider}': set Providers:DefaultModel.");
    }

    private static bool IsConfigured(ProviderSettings settings, string provider) => provider switch
    {
        ProviderNames.OpenAI => settings.OpenAI.IsConfigured,
        ProviderNames.Anthropic => settings.Anthropic.IsConfigured,
        _ => true,
    };

    [LoggerMessage(LogLevel.Information, "Requests that name no model go to {Model} of {Provider}")]
    private static partial void LogDefault(ILogger logger, string model, string provider);

    [LoggerMessage(LogLevel.Warning, "{Setting} is passed over: its provider has no key")]
    private static partial void LogNoKey(ILogger logger, string setting);
}
