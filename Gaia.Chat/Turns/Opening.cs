using Gaia.ServiceDefaults.Events;

namespace Gaia.Chat.Turns;

/// <summary>
/// The first message of a conversation. It is kept with its answer, in one statement, where that is wanted whole and is there soon; by itself where the
/// answer is wanted as it is made, takes a while, or is none to keep.
/// </summary>
/// <param name="saidAt">UTC of unspecified kind.</param>
internal sealed class Opening(Guid userId, Guid conversationId, Guid messageId, string text, DateTime saidAt, IEventBus events)
{
    private const int Tried = 1;
    private const int Taken = 2;

    private int _state;
    private int _isKept;

    public Guid UserId => userId;

    public Guid ConversationId => conversationId;

    public Guid MessageId => messageId;

    public string Text => text;

    public DateTime SaidAt => saidAt;

    /// <summary>How often it was tried to keep it by itself.</summary>
    public int Tries { get; private set; }

    public bool IsKept => Volatile.Read(ref _isKept) == 1;

    /// <summary>Whether the answer may be kept as if nobody had heard of the conversation: nobody has tried to keep it, and nobody does unless it is given back.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, 0) == 0;

    /// <summary>It could not be kept with the answer.</summary>
    public void GiveBack() => Volatile.Write(ref _state, Tried);

    /// <summary>Keeps it by itself, unless it is kept, or about to be with its answer.</summary>
    public async Task KeepAsync(TurnStore store, CancellationToken cancellationToken)
    {
        if (IsKept || Interlocked.CompareExchange(ref _state, Tried, 0) == Taken)
            return;
        Tries++;
        await store.BeginAsync(this, cancellationToken);
        SetKept();
    }

    /// <summary>It is committed: whoever hears of the conversation finds it.</summary>
    public void SetKept()
    {
        if (Interlocked.Exchange(ref _isKept, 1) == 0)
            events.Publish(new ConversationEvent(ConversationEvent.Created, conversationId, userId, saidAt, messageId));
    }
}
