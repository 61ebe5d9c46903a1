using Gaia.Chat.Conversations.Export;
using Gaia.Chat.Conversations.Messages;
using Gaia.Chat.Conversations.Search;
using Gaia.Chat.Conversations.Sharing;
using Gaia.Chat.Conversations.V03;

namespace Gaia.Chat.Conversations;

internal static class ConversationsExtensions
{
    internal static void AddConversations(this IServiceCollection services)
    {
        services.AddScoped<ConversationStore>();
        services.AddScoped<MessageStore>();
        services.AddScoped<ConversationSearch>();
        services.AddScoped<ShareStore>();
        services.AddScoped<ExportReader>();
    }

    internal static void MapAllConversations(this IEndpointRouteBuilder routes)
    {
        routes.MapConversations();
        routes.MapMessages();
        routes.MapRevisions();
        routes.MapConversationSearch();
        routes.MapSharing();
        routes.MapExport();
        routes.MapBriefConversations();
    }
}
