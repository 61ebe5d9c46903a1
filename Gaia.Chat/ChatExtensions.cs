using Gaia.Chat.Completions;
using Gaia.Chat.Completions.Legacy;
using Gaia.Chat.Completions.Variants;
using Gaia.Chat.Conversations;
using Gaia.Chat.Models;
using Gaia.Chat.Performance;
using Gaia.Chat.Personas;
using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.Extensions.Options;

namespace Gaia.Chat;

public static class ChatExtensions
{
    /// <summary>Connections to PostgreSQL that one process may hold. A request holds one only while a statement runs, never while a model answers.</summary>
    private const int MaxPoolSize = 30;

    public static void AddChat(this WebApplicationBuilder builder)
    {
        builder.AddIdentity();
        builder.AddApiDescription();
        builder.AddGaiaDatabase<ChatDbContext>(MaxPoolSize);
        builder.Services.AddConversations();

        builder.AddProviders();
        builder.Services.AddOptions<ChatSettings>().BindConfiguration(ChatSettings.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ChatSettings>, ChatSettingsValidator>();
        builder.Services.AddPersonas();
        builder.AddTurns();
        builder.AddCompletions();
        builder.AddPerformance();
        builder.Services.AddScoped<StreamingPreferences>();
    }

    public static void MapChat(this WebApplication app)
    {
        // A mistake in the catalogue ends the service now, not the first request.
        app.Services.GetRequiredService<ModelCatalogue>();
        app.RefusePackedBodies();
        app.MapApiDescription();
        app.MapCompletions();
        app.MapLegacyChat();
        app.MapVariants();
        app.MapAllConversations();
        app.MapRuns();
        app.MapPersonas();
        app.MapPromptCaches();
        app.MapProviders();
        app.MapModels();
        app.MapStreamingModels();
        app.MapPerformance();
    }
}
