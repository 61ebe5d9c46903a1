using System.Diagnostics;
using Gaia.Chat.Conversations;
using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Events;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Completions;

/// <summary>Begins turns: keeps the user's message, and gathers what the model has to know.</summary>
internal sealed class ChatTurns(
    ConversationStore store,
    ModelCatalogue models,
    IServiceProvider services,
    IEventBus events,
    IOptions<ChatSettings> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ChatTurn> logger)
{
    /// <summary>
    /// Commits the user's message, in a new conversation or in the one that the request names. Null when that one is not the
    /// caller's, deleted, or no conversation at all; then nothing is written.
    /// </summary>
    public async Task<ChatTurn?> BeginAsync(Guid userId, ChatRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var settings = options.Value;
        var model = models.FindOrDefault(request.Model);
        var messageId = Guid.CreateVersion7();

        Guid conversationId;
        IReadOnlyList<Said> history = [];
        if (request.ConversationId is null)
        {
            conversationId = Guid.CreateVersion7();
            await store.BeginAsync(userId, conversationId, messageId, request.Message, cancellationToken);
        }
        else if (Guid.TryParse(request.ConversationId, out conversationId)
            && await store.AppendAsync(userId, conversationId, messageId, request.Message, cancellationToken))
        {
            history = await store.HistoryAsync(
                conversationId, messageId, settings.MaxHistoryMessages, Prompt.HistoryBytes(model, settings.SystemPrompt, request.Message), cancellationToken);
        }
        else
        {
            return null;
        }

        Activity.Current?.SetTag("gen_ai.conversation.id", conversationId.ToString());
        return new ChatTurn(
            userId,
            conversationId,
            model,
            Prompt.Build(settings.SystemPrompt, history, request.Message),
            services.GetRequiredKeyedService<IChatClient>(model.Provider),
            started,
            store,
            events,
            settings,
            lifetime,
            time,
            logger);
    }
}
