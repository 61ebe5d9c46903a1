using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Chat;

/// <summary>The pages of the chat (contract 7). htmx gets what <c>#main-content</c> holds, everybody else the whole page.</summary>
internal static class ChatEndpoints
{
    internal static void MapChatPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/chat", GetNewAsync);
        routes.MapPost("/chat/new", BeginAsync);
        routes.MapGet("/chat/{id:guid}", GetAsync);
        routes.MapGet("/api/models", GetModelsAsync);
    }

    private static async Task<IResult> GetNewAsync(HttpContext http, ChatChoices choices, CancellationToken cancellationToken) =>
        Show(http, await NewPanelAsync(http, choices, cancellationToken));

    /// <summary>The conversation itself is made with its first message, so that none is ever empty.</summary>
    private static async Task<IResult> BeginAsync(HttpContext http, ChatChoices choices, CancellationToken cancellationToken)
    {
        http.Response.Headers["HX-Push-Url"] = "/chat";
        return http.Request.IsHtmx() ? Show(http, await NewPanelAsync(http, choices, cancellationToken)) : new LeadResult("/chat");
    }

    /// <param name="message">The message to be shown, where one was searched for; the last ones otherwise.</param>
    private static async Task<IResult> GetAsync(
        Guid id, Guid? message, HttpContext http, ChatGateway gateway, ChatChoices choices, CancellationToken cancellationToken)
    {
        try
        {
            // Whether somebody may read the conversation is the gateway's to say, of each of these.
            var conversation = gateway.FindAsync(id, cancellationToken);
            var messages = message is { } at ? AroundAsync(gateway, id, at, cancellationToken) : gateway.NewestAsync(id, cancellationToken);
            var running = gateway.RunningAsync(id, cancellationToken);
            var offered = choices.GetAsync(cancellationToken);
            await Task.WhenAll(conversation, messages, running, offered);
            var (models, personas) = await offered;
            var page = await messages;
            // Ended after its messages were read and before it was asked for: then neither has it.
            if (message is null && await running is null && page.Messages is [.., { Role: Message.User }])
                page = await gateway.NewestAsync(id, cancellationToken);
            // Ended between the two answers: then it is among the messages.
            var going = await running is { } answer && page.Messages.All(said => said.Id != answer.MessageId) && page.NextAfter is null ? await running : null;
            return Show(http, new ChatView(await conversation, page, going, message, models, personas));
        }
        catch (GatewayException exception) when (exception.IsNotFound && http.Request.IsHtmx())
        {
            return new RazorComponentResult<MissingConversation>();
        }
        catch (GatewayException exception) when (exception.IsNotFound)
        {
            return TypedResults.StatusCode(StatusCodes.Status404NotFound);
        }
    }

    /// <summary>A message in the middle of what was said around it.</summary>
    private static async Task<MessageList> AroundAsync(ChatGateway gateway, Guid id, Guid message, CancellationToken cancellationToken)
    {
        var before = gateway.BeforeAsync(id, message, cancellationToken);
        var after = gateway.AfterAsync(id, message, cancellationToken);
        var found = gateway.MessageAsync(id, message, cancellationToken);
        await Task.WhenAll(before, after, found);
        var earlier = await before;
        return new MessageList([.. earlier.Messages, (await found).Message, .. (await after).Messages], earlier.NextBefore, (await after).NextAfter);
    }

    private static async Task<IResult> GetModelsAsync(ChatGateway gateway, CancellationToken cancellationToken) =>
        TypedResults.Json(new ModelList(await gateway.ModelsAsync(cancellationToken)), ChatJson.Default.ModelList);

    internal static async Task<ChatView> NewPanelAsync(HttpContext http, ChatChoices choices, CancellationToken cancellationToken)
    {
        var (models, personas) = await choices.GetAsync(cancellationToken);
        return new ChatView(null, MessageList.Empty, null, null, models, personas) { Name = WebUser.From(http.User)?.Name };
    }

    internal static IResult Show(HttpContext http, ChatView view)
    {
        // As the token in its form has it.
        http.Response.Headers.CacheControl = "no-cache, no-store";
        // The same address answers htmx and a browser differently.
        http.Response.Headers.Vary = "HX-Request";
        return http.Request.IsHtmx() ? Page<ChatFragment>(view) : Page<ChatPage>(view);
    }

    private static RazorComponentResult<T> Page<T>(ChatView view) where T : IComponent => new(new { View = view });
}

/// <summary>What the chat shows.</summary>
/// <param name="Conversation">Null for one that begins with the first message.</param>
/// <param name="Running">The answer that is being made now.</param>
/// <param name="At">The message to be shown, where one was searched for.</param>
public sealed record ChatView(
    Conversation? Conversation, MessageList Messages, RunningAnswer? Running, Guid? At, IReadOnlyList<Model> Models, IReadOnlyList<Persona> Personas)
{
    public string Title => Conversation?.Title ?? "New chat";

    /// <summary>Whom to welcome.</summary>
    public string? Name { get; init; }
}
