using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Http;
using Gaia.Web.Chat;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.Features;

namespace Gaia.Web.Live;

/// <summary>The WebSockets of the pages (contract 7). What they say are hints: a page asks for what changed by the routes it has.</summary>
internal static class LiveEndpoints
{
    /// <summary>HTTP/2 opens a WebSocket with the latter.</summary>
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Connect];

    internal static void AddLive(this IServiceCollection services)
    {
        services.AddSingleton<LiveSockets>();
        services.AddSingleton<LiveSessions>();
        services.AddHostedService(static provider => provider.GetRequiredService<LiveSessions>());
        services.AddHostedService<LiveOutages>();
        services.AddEventConsumer<LiveEvent, LiveChatConsumer>(LiveEvent.ChatSubject);
        services.AddEventConsumer<LiveEvent, NotificationConsumer>(LiveEvent.NotificationSubject);
        services.AddEventConsumer<SessionEndedEvent, LiveSessionConsumer>(SessionEndedEvent.EndedSubject);
    }

    internal static void MapLive(this IEndpointRouteBuilder routes)
    {
        // Whether a page of ours opens it says its Origin: a WebSocket carries no token of antiforgery.
        var sockets = routes.MapGroup("/ws").RequireAuthorization().WithoutAntiforgery().ExcludeFromDescription().AddEndpointFilter(CheckAsync);
        sockets.MapMethods("{id:guid}", Methods, WatchConversationAsync);
        sockets.MapMethods("chat/{id:guid}", Methods, WatchConversationAsync);
        sockets.MapMethods("notifications", Methods, static (HttpContext http, LiveSockets live, IEventBus events, TimeProvider time, CancellationToken cancellationToken) =>
            OpenAsync(conversationId: null, http, live, events, time, cancellationToken));
    }

    private static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!http.WebSockets.IsWebSocketRequest)
            return ValueTask.FromResult<object?>(LegacyResults.Error(StatusCodes.Status426UpgradeRequired, "This address is a WebSocket"));
        return IsOurs(http.Request)
            ? next(context)
            : ValueTask.FromResult<object?>(LegacyResults.Error(StatusCodes.Status403Forbidden, "A WebSocket is opened by a page of this site"));
    }

    /// <summary>Browsers always say where a page is from, also where a script would rather not. Other clients say nothing, and hold no cookie that is not theirs.</summary>
    private static bool IsOurs(HttpRequest request) =>
        request.Headers.Origin is not [{ Length: > 0 } origin]
        || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));

    private static async Task<IResult> WatchConversationAsync(
        Guid id, HttpContext http, ChatGateway gateway, LiveSockets sockets, IEventBus events, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await gateway.FindAsync(id, cancellationToken);
        }
        catch (GatewayException exception) when (exception.IsNotFound)
        {
            return LegacyResults.NotFound("Conversation not found");
        }

        return await OpenAsync(id, http, sockets, events, time, cancellationToken);
    }

    private static async Task<IResult> OpenAsync(
        Guid? conversationId, HttpContext http, LiveSockets sockets, IEventBus events, TimeProvider time, CancellationToken cancellationToken)
    {
        var user = WebUser.From(http.User)!;
        using var live = new LiveSocket(user.Id, user.Name, http.Features.GetRequiredFeature<CurrentSession>().Id, conversationId, events, time) { Address = http.Connection.RemoteIpAddress };
        if (!sockets.TryAdd(live))
            return LegacyResults.Error(StatusCodes.Status429TooManyRequests, "Too many pages are open");
        try
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await live.RunAsync(socket, cancellationToken);
        }
        finally
        {
            sockets.Remove(live);
        }

        return TypedResults.Empty;
    }
}
