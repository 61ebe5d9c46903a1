using Gaia.Web.Chat.Answers;
using Gaia.Web.Chat.Messages;
using Gaia.Web.Chat.Sharing;
using Gaia.Web.Chat.Sidebar;

namespace Gaia.Web.Chat;

internal static class ChatExtensions
{
    internal static void AddChat(this IServiceCollection services)
    {
        services.AddSingleton<ChatGateway>();
        services.AddSingleton<ChatChoices>();
    }

    internal static void MapChat(this IEndpointRouteBuilder routes)
    {
        var chat = routes.MapGroup("").RequireAuthorization().ExcludeFromDescription();
        chat.MapChatPages();
        chat.MapMessages();
        chat.MapAnswers();
        chat.MapSidebar();
        chat.MapSharing();
    }
}
