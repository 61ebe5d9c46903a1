using System.Diagnostics;
using Gaia.Chat.Conversations;
using Gaia.Chat.Personas;
using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Turns;

/// <summary>Begins turns: chooses who answers, keeps the user's message, and gathers what the model has to know.</summary>
internal sealed class ChatTurns(
    TurnStore store,
    ModelSelector selector,
    IPersonaPrompts personas,
    IOptions<ChatSettings> options,
    TurnServices services,
    TimeProvider time)
{
    /// <summary>
    /// Commits the user's message where the request wants it remembered, but for an <see cref="Opening"/>, which need not be there before the model is asked. Throws <see cref="TurnRefusedException"/> for a
    /// conversation or a persona that is not the caller's to use; then nothing is written.
    /// </summary>
    public async Task<ChatTurn> BeginAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        request.Clock.Enter(Stage.ProviderSelection);
        var choice = selector.Choose(request.Wish);
        var given = request.Memory as TurnMemory.Given;
        // A client that sends the whole context says itself who speaks.
        var persona = given is { IsWhole: true } && request.PersonaId is null
            ? PersonaPrompt.None
            : await personas.ForAsync(request.UserId, request.PersonaId, request.Wish.Activity, cancellationToken)
                ?? throw TurnRefusedException.Persona(request.PersonaId);

        request.Clock.Enter(Stage.StreamingSetup);
        var preamble = given?.Before.Any(said => said.Role == Message.System) == true ? "" : options.Value.SystemPrompt;
        var system = string.Join("\n\n", new[] { preamble, persona.SystemPrompt, request.Instructions }.Where(part => !string.IsNullOrWhiteSpace(part)));
        var questionId = (request.Memory as TurnMemory.Again)?.Question.Id ?? Guid.CreateVersion7();
        var prompt = new Prompt(system, given?.Before ?? [], request.Message, given is not null, request.MaxOutputTokens);
        if (!prompt.Fits(choice.Model))
            throw TurnRefusedException.TooLong(choice.Model);
        if (!request.Background)
            return await RememberedAsync();
        if (!services.Runs.TryEnterBackground(request.UserId, options.Value.MaxBackgroundAnswers))
            throw TurnRefusedException.TooMany(options.Value.MaxBackgroundAnswers);
        try
        {
            var turn = await RememberedAsync();
            // It leaves by itself when it ends.
            turn.Start();
            return turn;
        }
        catch
        {
            services.Runs.LeaveBackground(request.UserId);
            throw;
        }

        async Task<ChatTurn> RememberedAsync()
        {
            // Whoever asks for an answer in the background may leave before it begins.
            var (conversationId, before, opening) = await RememberAsync(
                request, questionId, prompt.BytesFor(choice.Model), request.Background ? CancellationToken.None : cancellationToken);
            if (conversationId is { } id)
                Activity.Current?.SetTag("gen_ai.conversation.id", id.ToString());
            var run = new RunRecord(
                Guid.CreateVersion7(), request.UserId, conversationId, Guid.CreateVersion7(), questionId, request.Memory is TurnMemory.Again, request.Route, request.Background, time.GetNaiveUtcNow());
            // What outlives its request cannot use what ends with it.
            AsyncServiceScope? scope = request.Background ? services.Scopes.CreateAsyncScope() : null;
            return new ChatTurn(request, run, opening, choice, persona, prompt.With(before), scope?.ServiceProvider.GetRequiredService<TurnStore>() ?? store, scope, services);
        }
    }

    private async Task<(Guid? ConversationId, IReadOnlyList<Said> Before, Opening? Opening)> RememberAsync(
        TurnRequest request, Guid messageId, long room, CancellationToken cancellationToken)
    {
        var userId = request.UserId;
        Guid id;
        switch (request.Memory)
        {
            case TurnMemory.Beginning:
                id = Guid.CreateVersion7();
                var opening = new Opening(userId, id, messageId, request.Message, time.GetNaiveUtcNow(), request.Streamed, services.Events);
                // No model is asked for nothing while the database is away; nor one whose first words had to wait until others were written.
                if (request.Background || !store.IsWell || (request.Streamed && store.IsBusy))
                    await opening.KeepAsync(store);
                return (id, [], opening);
            case TurnMemory.Conversation { ConversationId: var named }:
                if (!Guid.TryParse(named, out id) || !await store.AppendAsync(userId, id, messageId, request.Message, cancellationToken))
                    throw TurnRefusedException.Conversation(named);
                Tell(ConversationEvent.Message);
                break;
            case TurnMemory.Edited edit:
                if (!Guid.TryParse(edit.ConversationId, out id) || !Guid.TryParse(edit.MessageId, out var edited)
                    || !await store.EditAsync(userId, id, edited, messageId, request.Message, cancellationToken))
                    throw TurnRefusedException.MissingMessage();
                Tell(ConversationEvent.Edited, edited);
                break;
            case TurnMemory.Again { Question.IsReplaced: true }:
                throw TurnRefusedException.MissingMessage();
            case TurnMemory.Again { ConversationId: var known }:
                id = known;
                break;
            case TurnMemory.OfUser:
                id = await store.RememberAsync(userId, messageId, request.Message, cancellationToken);
                return (id, await store.HistoryAsync(id, messageId, options.Value.MaxMemoryMessages, room, cancellationToken), null);
            case TurnMemory.Given { Before: var given }:
                return (null, given, null);
            default:
                throw new UnreachableException();
        }

        return (id, await store.HistoryAsync(id, messageId, options.Value.MaxHistoryMessages, room, cancellationToken), null);

        void Tell(string what, Guid? replaces = null) =>
            services.Events.Publish(new ConversationEvent(what, id, userId, time.GetUtcNow().UtcDateTime, messageId, replaces));
    }
}
