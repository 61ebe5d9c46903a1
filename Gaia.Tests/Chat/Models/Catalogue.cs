using Gaia.Chat.Performance;
using Gaia.Chat.Providers;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Gaia.Tests.Chat.Models;

/// <summary>The catalogue as it is shipped, in an installation with these keys.</summary>
internal sealed class Catalogue
{
    public Catalogue(bool anthropic = true, bool openAI = true, string defaultModel = "")
    {
        var models = new ConfigurationBuilder().AddJsonFile(Path.Combine(RepositoryClone.Root, "Gaia.Chat", "appsettings.json")).Build()
            .GetSection(ChatModels.Section).Get<ChatModels>()!;
        var settings = new ProviderSettings { DefaultModel = defaultModel };
        settings.Anthropic.ApiKey = anthropic ? "key" : null;
        settings.OpenAI.ApiKey = openAI ? "key" : null;
        Models = new ModelCatalogue(Options.Create(models), Options.Create(settings), NullLogger<ModelCatalogue>.Instance);
        Outcomes = new ProviderOutcomes(Clock);
        var nothingCalled = new CallWindow(new ServiceCollection().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(), Clock, NullLogger<CallWindow>.Instance);
        Selector = new ModelSelector(Models, nothingCalled, Outcomes);
    }

    public ShiftedClock Clock { get; } = new();

    public ModelCatalogue Models { get; }

    public ProviderOutcomes Outcomes { get; }

    public ModelSelector Selector { get; }
}
