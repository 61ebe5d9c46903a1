using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Web.Chat.Sidebar;

/// <summary>The list of conversations, and what is done with one of them from there (contract 7).</summary>
internal static class SidebarEndpoints
{
    internal static void MapSidebar(this IEndpointRouteBuilder routes)
    {
        var sidebar = routes.MapGroup("/api").AddEndpointFilter(ChatFilters.AsToast);
        // Says in words that nobody is signed in, where the other routes lead to the login; htmx is led there, too.
        sidebar.MapGet("conversations", ListAsync).AllowAnonymous();
        sidebar.MapGet("search-conversations", SearchAsync);
        sidebar.MapGet("conversations/{id:guid}/item", GetAsync);
        sidebar.MapGet("conversations/{id:guid}/title", RenameAsync);
        sidebar.MapPatch("conversations/{id:guid}", ChangeAsync).DisableAntiforgery();
        sidebar.MapDelete("conversations/{id:guid}", DeleteAsync);
        sidebar.MapPost("conversations/{id:guid}/restore", RestoreAsync);
    }

    private static async Task<IResult> ListAsync(string? cursor, bool? archived, HttpContext http, ChatGateway gateway, CancellationToken cancellationToken)
    {
        if (WebUser.From(http.User) is null && http.Request.IsHtmx())
            return new LeadResult(LocalUrl.Login(http.Request.CurrentPage()));
        if (WebUser.From(http.User) is null)
            return TypedResults.Content("<p>Please log in to view conversations</p>", "text/html; charset=utf-8", statusCode: StatusCodes.Status401Unauthorized);
        var isArchive = archived == true;
        if (string.IsNullOrEmpty(cursor))
            return await ShowListAsync(isArchive, http, gateway, cancellationToken);
        http.Response.Headers.CacheControl = "no-store";
        var page = await gateway.ListAsync(cursor, isArchive, cancellationToken);
        return new RazorComponentResult<SidebarPage>(new { Conversations = page, Archived = isArchive });
    }

    /// <summary>An empty search is the list again.</summary>
    private static async Task<IResult> SearchAsync(string? query, string? cursor, HttpContext http, ChatGateway gateway, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(query))
            return await ShowListAsync(archived: false, http, gateway, cancellationToken);
        http.Response.Headers.CacheControl = "no-store";
        query = query.Trim();
        var found = await gateway.SearchAsync(query, cursor, cancellationToken);
        return new RazorComponentResult<FoundList>(new { Found = found, Query = query, More = !string.IsNullOrEmpty(cursor) });
    }

    private static async Task<IResult> GetAsync(Guid id, ChatGateway gateway, CancellationToken cancellationToken) =>
        new RazorComponentResult<ConversationItem>(new { Conversation = await gateway.FindAsync(id, cancellationToken) });

    private static async Task<IResult> RenameAsync(Guid id, ChatGateway gateway, CancellationToken cancellationToken) =>
        new RazorComponentResult<RenameConversation>(new { Conversation = await gateway.FindAsync(id, cancellationToken) });

    /// <summary>Another name changes the item; what moves it in the list gives the list.</summary>
    private static async Task<IResult> ChangeAsync(
        Guid id, [FromForm] string? title, [FromForm] bool? pinned, [FromForm] bool? archived, HttpContext http, ChatGateway gateway, CancellationToken cancellationToken)
    {
        var changed = await gateway.ChangeAsync(id, new ConversationChange(title?.Trim(), pinned, archived), cancellationToken);
        if (title is not null)
            return new RazorComponentResult<RenamedConversation>(new { Conversation = changed, IsOpen = IsOpen(http, id) });
        if (archived is { } isArchived)
            http.Response.ShowToast("success", isArchived ? "Archived" : "Brought back");
        return await ShowListAsync(archived: archived == false, http, gateway, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(Guid id, HttpContext http, ChatGateway gateway, ChatChoices choices, CancellationToken cancellationToken)
    {
        var conversation = await gateway.FindAsync(id, cancellationToken);
        await gateway.DeleteAsync(id, cancellationToken);
        ChatView? view = null;
        if (IsOpen(http, id))
        {
            view = await ChatEndpoints.NewPanelAsync(http, choices, cancellationToken);
            http.Response.Headers["HX-Push-Url"] = "/chat";
        }

        return new RazorComponentResult<DeletedConversation>(new { Id = id, conversation.Title, View = view });
    }

    /// <param name="open">Whether it was in front of the person; it is again, unless they went on to something else.</param>
    private static async Task<IResult> RestoreAsync(Guid id, bool? open, HttpContext http, ChatGateway gateway, CancellationToken cancellationToken)
    {
        await gateway.RestoreAsync(id, cancellationToken);
        http.Response.Headers["HX-Trigger"] = "conversations-changed";
        if (open == true && http.Request.CurrentPage() == "/chat")
            http.Response.Headers["HX-Location"] = $$"""{"path":"/chat/{{id}}","target":"#main-content"}""";
        return TypedResults.Ok();
    }

    private static async Task<IResult> ShowListAsync(bool archived, HttpContext http, ChatGateway gateway, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        var page = await gateway.ListAsync(null, archived, cancellationToken);
        return new RazorComponentResult<SidebarList>(new { Conversations = page, Archived = archived });
    }

    private static bool IsOpen(HttpContext http, Guid id) =>
        http.Request.CurrentPage()?.StartsWith($"/chat/{id}", StringComparison.OrdinalIgnoreCase) == true;
}
