using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;

namespace Gaia.Chat.Turns;

/// <summary>
/// The first message of a conversation. It is kept with its answer, in one statement, where that is wanted whole and is there soon; by itself, while
/// the answer is being made, where that is wanted as it is made, takes a while, or is none to keep.
/// </summary>
/// <param name="saidAt">UTC of unspecified kind.</param>
/// <param name="isAwaited">Whether a client is told at once when it cannot be kept: then it is not tried again.</param>
internal sealed class Opening(Guid userId, Guid conversationId, Guid messageId, string text, DateTime saidAt, bool isAwaited, IEventBus events)
{
    private readonly Lock _lock = new();
    private Task? _keeping;
    private bool _isTaken;
    private volatile bool _isKept;

    public Guid UserId => userId;

    public Guid ConversationId => conversationId;

    public Guid MessageId => messageId;

    public string Text => text;

    public DateTime SaidAt => saidAt;

    /// <summary>How often it was tried to keep it by itself.</summary>
    public int Tries { get; private set; }

    public bool IsKept => _isKept;

    /// <summary>Whether it is to be kept by itself, and nobody does.</summary>
    public bool IsLeft
    {
        get
        {
            lock (_lock)
                return !_isKept && !_isTaken && (_keeping is null || (_keeping.IsCompleted && !isAwaited));
        }
    }

    /// <summary>Keeps it by itself, unless it is about to be kept with its answer. Who comes while it is being kept waits for that.</summary>
    public Task KeepAsync(TurnStore store)
    {
        lock (_lock)
        {
            if (IsLeft)
            {
                Tries++;
                _keeping = BeginAsync(store);
            }

            return _keeping ?? Task.CompletedTask;
        }
    }

    /// <summary>Keeps it with its answer, where nobody can have heard of the conversation yet; false, and nothing is kept, where it was tried to keep it by itself.</summary>
    public async Task<bool> TryKeepWithAsync(Answer answer, CallRecord call, TurnStore store)
    {
        lock (_lock)
        {
            if (_keeping is not null)
                return false;
            _isTaken = true;
        }

        try
        {
            await store.BeginWithAsync(this, answer, call);
            SetKept();
            return true;
        }
        catch (Exception failure) when (!DatabaseOutage.Is(failure))
        {
            // It is the answer that could not be kept, not the question.
            lock (_lock)
                _isTaken = false;
            await KeepAsync(store);
            throw;
        }
    }

    private async Task BeginAsync(TurnStore store)
    {
        await store.BeginAsync(this);
        SetKept();
    }

    /// <summary>It is committed: whoever hears of the conversation finds it.</summary>
    private void SetKept()
    {
        _isKept = true;
        events.Publish(new ConversationEvent(ConversationEvent.Created, conversationId, userId, saidAt, messageId));
    }
}
