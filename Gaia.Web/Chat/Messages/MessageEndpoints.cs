using Gaia.Web.Gateway;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Chat.Messages;

/// <summary>Pages of messages and single ones: also what a page fetches when it hears that something changed.</summary>
internal static class MessageEndpoints
{
    internal static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/chat/{id:guid}/messages");
        messages.MapGet("", PageAsync);
        messages.MapGet("{messageId:guid}", GetAsync);
        messages.MapGet("{messageId:guid}/usage", UsageAsync);
        messages.MapGet("{messageId:guid}/edit", EditAsync).AddEndpointFilter(ChatFilters.AboveInput);
    }

    private static async Task<IResult> PageAsync(Guid id, Guid? before, Guid? after, ChatGateway gateway, HttpResponse response, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        var page = (before, after) switch
        {
            ({ } message, _) => await gateway.BeforeAsync(id, message, cancellationToken),
            (_, { } message) => await gateway.AfterAsync(id, message, cancellationToken),
            _ => await gateway.NewestAsync(id, cancellationToken),
        };
        return new RazorComponentResult<MessagesPage>(new { ConversationId = id, Messages = page, Older = after is null, Newer = before is null });
    }

    private static Task<IResult> GetAsync(Guid id, Guid messageId, ChatGateway gateway, HttpResponse response, CancellationToken cancellationToken) =>
        ReadAsync(id, messageId, gateway, response, details => new RazorComponentResult<MessageView>(new { ConversationId = id, details.Message }), cancellationToken);

    private static Task<IResult> UsageAsync(Guid id, Guid messageId, ChatGateway gateway, HttpResponse response, CancellationToken cancellationToken) =>
        ReadAsync(id, messageId, gateway, response, static details => new RazorComponentResult<UsageView>(new { Details = details }), cancellationToken);

    private static Task<IResult> EditAsync(Guid id, Guid messageId, ChatGateway gateway, HttpResponse response, CancellationToken cancellationToken) =>
        ReadAsync(id, messageId, gateway, response, details => new RazorComponentResult<EditMessage>(new { ConversationId = id, details.Message }), cancellationToken);

    /// <summary>404 where there is no such message, such as an answer of which nothing was said.</summary>
    private static async Task<IResult> ReadAsync(
        Guid id, Guid messageId, ChatGateway gateway, HttpResponse response, Func<MessageDetails, IResult> show, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        try
        {
            return show(await gateway.MessageAsync(id, messageId, cancellationToken));
        }
        catch (GatewayException exception) when (exception.IsNotFound)
        {
            return TypedResults.StatusCode(StatusCodes.Status404NotFound);
        }
    }
}
