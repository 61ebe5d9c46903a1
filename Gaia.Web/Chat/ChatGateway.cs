using Gaia.Web.Gateway;

namespace Gaia.Web.Chat;

/// <summary>The gateway's routes of conversations (docs/chat.md), called in the name of whoever is signed in.</summary>
internal sealed class ChatGateway(GatewayApi gateway)
{
    private const string Root = "/api/v1/conversations";

    public Task<ConversationList> ListAsync(string? cursor, bool archived, CancellationToken cancellationToken) => gateway.GetAsync(
        $"{Root}?limit={ChatLimits.SidebarPageSize}&sort=pinned&archived={(archived ? "true" : "false")}{Cursor(cursor)}", ChatJson.Default.ConversationList, cancellationToken);

    public Task<FoundConversations> SearchAsync(string query, string? cursor, CancellationToken cancellationToken) => gateway.GetAsync(
        $"{Root}/search?query={Uri.EscapeDataString(query)}&limit={ChatLimits.SidebarPageSize}{Cursor(cursor)}", ChatJson.Default.FoundConversations, cancellationToken);

    public Task<Conversation> FindAsync(Guid id, CancellationToken cancellationToken) =>
        gateway.GetAsync($"{Root}/{id}", ChatJson.Default.Conversation, cancellationToken);

    public Task<Conversation> ChangeAsync(Guid id, ConversationChange change, CancellationToken cancellationToken) => gateway.SendAsync(
        HttpMethod.Patch, $"{Root}/{id}", GatewayBody.Of(change, ChatJson.Default.ConversationChange), ChatJson.Default.Conversation, cancellationToken);

    public Task DeleteAsync(Guid id, CancellationToken cancellationToken) => gateway.SendAsync(HttpMethod.Delete, $"{Root}/{id}", null, cancellationToken);

    public Task RestoreAsync(Guid id, CancellationToken cancellationToken) => gateway.SendAsync(HttpMethod.Post, $"{Root}/{id}/restore", null, cancellationToken);

    public Task<Conversation> BranchAsync(Guid id, Guid messageId, CancellationToken cancellationToken) => gateway.SendAsync(
        HttpMethod.Post, $"{Root}/{id}/branch", GatewayBody.Of(new BranchWish(messageId), ChatJson.Default.BranchWish), ChatJson.Default.Conversation, cancellationToken);

    public Task<MessageList> NewestAsync(Guid id, CancellationToken cancellationToken) =>
        gateway.GetAsync($"{Root}/{id}/messages?limit={ChatLimits.PageSize}", ChatJson.Default.MessageList, cancellationToken);

    public Task<MessageList> BeforeAsync(Guid id, Guid message, CancellationToken cancellationToken) =>
        gateway.GetAsync($"{Root}/{id}/messages?limit={ChatLimits.PageSize}&before={message}", ChatJson.Default.MessageList, cancellationToken);

    public Task<MessageList> AfterAsync(Guid id, Guid message, CancellationToken cancellationToken) =>
        gateway.GetAsync($"{Root}/{id}/messages?limit={ChatLimits.PageSize}&after={message}", ChatJson.Default.MessageList, cancellationToken);

    public Task<MessageDetails> MessageAsync(Guid id, Guid message, CancellationToken cancellationToken) =>
        gateway.GetAsync($"{Root}/{id}/messages/{message}", ChatJson.Default.MessageDetails, cancellationToken);

    public async Task<IReadOnlyList<Model>> ModelsAsync(CancellationToken cancellationToken) =>
        [.. (await gateway.GetAsync("/api/v1/models", ChatJson.Default.ModelList, cancellationToken)).Models.Where(static model => model is { IsDeprecated: false, Status: null or "available" })];

    public async Task<IReadOnlyList<Persona>> PersonasAsync(CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/api/v1/chat/personas", ChatJson.Default.PersonaList, cancellationToken)).Personas;

    /// <summary>Asks for an answer, which is made from now on whoever waits for it.</summary>
    /// <param name="key">Of what is sent: with it the answer is made once, however often it is asked for.</param>
    public Task<RunningAnswer> AskAsync(AnswerWish wish, Guid? key, CancellationToken cancellationToken) => BeginAsync("/api/v1/chat", wish, key, cancellationToken);

    /// <summary>Says a message in other words; it and what followed it are replaced at once.</summary>
    public Task<RunningAnswer> EditAsync(Guid id, Guid message, AnswerWish wish, Guid? key, CancellationToken cancellationToken) =>
        BeginAsync($"{Root}/{id}/messages/{message}/edit", wish, key, cancellationToken);

    /// <summary>Has a message answered anew; what followed it is replaced once the answer is there.</summary>
    public Task<RunningAnswer> RegenerateAsync(Guid id, Guid message, AnswerWish wish, CancellationToken cancellationToken) =>
        BeginAsync($"{Root}/{id}/messages/{message}/regenerate", wish, key: null, cancellationToken);

    public Task StopAsync(Guid id, CancellationToken cancellationToken) => gateway.SendAsync(HttpMethod.Post, $"{Root}/{id}/stop", null, cancellationToken);

    /// <summary>The answer that is being made, from its beginning; 204 when there is none.</summary>
    public Task<HttpResponseMessage> WatchAsync(Guid id, CancellationToken cancellationToken) =>
        gateway.StreamAsync(HttpMethod.Get, $"{Root}/{id}/stream", null, cancellationToken);

    /// <summary>Which answer is being made; null when none is.</summary>
    public async Task<RunningAnswer?> RunningAsync(Guid id, CancellationToken cancellationToken)
    {
        using var response = await gateway.StreamAsync(HttpMethod.Get, $"{Root}/{id}/stream?follow=false", null, cancellationToken);
        return RunningAnswer.Of(response);
    }

    public Task<HttpResponseMessage> ExportAsync(Guid id, string format, CancellationToken cancellationToken) =>
        gateway.StreamAsync(HttpMethod.Get, $"{Root}/{id}/export?format={format}", null, cancellationToken);

    public async Task<IReadOnlyList<Share>> SharesAsync(Guid id, CancellationToken cancellationToken) =>
        (await gateway.GetAsync($"{Root}/{id}/shares", ChatJson.Default.ShareList, cancellationToken)).Shares;

    public Task<CreatedShare> ShareAsync(Guid id, double? hours, CancellationToken cancellationToken) => gateway.SendAsync(
        HttpMethod.Post, $"{Root}/{id}/share", GatewayBody.Of(new ShareWish(hours), ChatJson.Default.ShareWish), ChatJson.Default.CreatedShare, cancellationToken);

    public Task RevokeAsync(Guid id, Guid share, CancellationToken cancellationToken) => gateway.SendAsync(HttpMethod.Delete, $"{Root}/{id}/shares/{share}", null, cancellationToken);

    /// <summary>What whoever has the link is shown.</summary>
    public Task<SharedConversation> OpenAsync(string token, int offset, CancellationToken cancellationToken) =>
        gateway.GetAsync($"/api/v1/shared/{Uri.EscapeDataString(token)}?limit={ChatLimits.PageSize}&offset={offset}", ChatJson.Default.SharedConversation, cancellationToken);

    private Task<RunningAnswer> BeginAsync(string path, AnswerWish wish, Guid? key, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, path, GatewayBody.Of(wish, ChatJson.Default.AnswerWish, key?.ToString()), ChatJson.Default.RunningAnswer, cancellationToken);

    private static string Cursor(string? cursor) => string.IsNullOrEmpty(cursor) ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
}

/// <summary>An answer that is being made.</summary>
/// <param name="MessageId">The message that it will be.</param>
/// <param name="QuestionId">The message that it answers.</param>
public sealed record RunningAnswer(Guid ConversationId, Guid MessageId, Guid QuestionId)
{
    public static RunningAnswer? Of(HttpResponseMessage response) =>
        Header(response, "X-Conversation-ID") is { } conversation && Header(response, "X-Message-ID") is { } message && Header(response, "X-Question-ID") is { } question
            ? new RunningAnswer(conversation, message, question)
            : null;

    private static Guid? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && Guid.TryParse(values.First(), out var id) ? id : null;
}
