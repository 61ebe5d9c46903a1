namespace Gaia.Web.Chat;

internal static class ChatLimits
{
    /// <summary>Messages that a page of a conversation has.</summary>
    public const int PageSize = 50;

    /// <summary>Conversations that a page of the sidebar has.</summary>
    public const int SidebarPageSize = 30;

    /// <summary>Characters of a conversation's name.</summary>
    public const int MaxTitleLength = 255;
}
