using Gaia.Chat.Conversations;
using Gaia.Chat.Providers;
using Gaia.Chat.Providers.Local;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Turns;

/// <summary>
/// What a model is told: the system prompt, the newest messages that fit its window, and the new one; or all that the client sent, where it
/// keeps the conversation itself. Part of the window is left for the answer, and a tenth of the rest for what is counted differently there.
/// </summary>
/// <param name="before">Oldest first.</param>
/// <param name="isWhole">Whether nothing may be left out.</param>
/// <param name="maxOutputTokens">Of the answer, where the request says so.</param>
/// <param name="fixedTokens">What the system prompt and the new message take, where they have been counted.</param>
internal sealed class Prompt(string system, IReadOnlyList<Said> before, string message, bool isWhole, int? maxOutputTokens, long? fixedTokens = null)
{
    private const int AnswerTokens = 4096;
    private const int TokensPerMessage = 4;
    private const double Certainty = 0.9;

    /// <summary>What is read to be counted: more bytes than this are more than a token in every text that people write.</summary>
    private const int MaxBytesPerToken = 4;

    private readonly long _fixedTokens = fixedTokens ?? TokensOf(system) + TokensOf(message);

    /// <summary>Bytes of text before the new message that are worth reading.</summary>
    public long BytesFor(ChatModel model) => Math.Max(0, Room(model)) * MaxBytesPerToken;

    /// <summary>Whether what may not be left out fits the model's window.</summary>
    public bool Fits(ChatModel model) => Room(model) >= (isWhole ? before.Sum(said => (long)TokensOf(said.Content)) : 0);

    public Prompt With(IReadOnlyList<Said> said) => new(system, said, message, isWhole, maxOutputTokens, _fixedTokens);

    public List<ChatMessage> For(ChatModel model)
    {
        var first = isWhole ? 0 : Fitting(Room(model));
        var messages = new List<ChatMessage>(before.Count - first + 2);
        if (system.Length > 0)
            messages.Add(new ChatMessage(ChatRole.System, system));
        foreach (var said in Kept(first))
            messages.Add(new ChatMessage(RoleOf(said), said.Content));
        messages.Add(new ChatMessage(ChatRole.User, message));
        if (!model.SupportsSystemPrompt)
            Fold(messages);
        return messages;
    }

    /// <summary>What a system prompt says, at the beginning of what the user says first.</summary>
    private static void Fold(List<ChatMessage> messages)
    {
        var system = messages.Where(said => said.Role == ChatRole.System).Select(said => said.Text).ToList();
        if (system is [])
            return;
        messages.RemoveAll(said => said.Role == ChatRole.System);
        var first = messages.FindIndex(said => said.Role == ChatRole.User);
        messages[first] = new ChatMessage(ChatRole.User, string.Join("\n\n", [.. system, messages[first].Text]));
    }

    /// <summary>Tokens that are left for what was said before.</summary>
    private long Room(ChatModel model)
    {
        var answer = Math.Min(model.MaxOutputTokens, Math.Max(AnswerTokens, maxOutputTokens ?? 0));
        return (long)((model.ContextWindow - answer) * Certainty) - _fixedTokens;
    }

    private IEnumerable<Said> Kept(int first) => isWhole
        ? before
        // A conversation begins with its user: what is left of an answer whose question no longer fits says nothing.
        : before.Skip(first).SkipWhile(said => said.Role == Message.Assistant).Where(said => !string.IsNullOrWhiteSpace(said.Content));

    /// <summary>The index of the oldest message from which on all fit into so many tokens.</summary>
    private int Fitting(long room)
    {
        var first = before.Count;
        while (first > 0 && (room -= TokensOf(before[first - 1].Content)) >= 0)
            first--;
        return first;
    }

    private static int TokensOf(string text) => text.Length == 0 ? 0 : TokenCounter.Count(text) + TokensPerMessage;

    private static ChatRole RoleOf(Said said) => said.Role switch
    {
        Message.Assistant => ChatRole.Assistant,
        Message.System => ChatRole.System,
        _ => ChatRole.User,
    };
}
