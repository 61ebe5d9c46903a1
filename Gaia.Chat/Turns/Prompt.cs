using System.Text;
using Gaia.Chat.Conversations;
using Gaia.Chat.Providers;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Turns;

/// <summary>
/// What a model is told: the system prompt, the newest messages that fit its window, and the new one. Three bytes of text count
/// as a token, which errs on the safe side in every language, and part of the window is left for the answer.
/// </summary>
internal sealed class Prompt(string system, IReadOnlyList<Said> before, string message)
{
    private const int BytesPerToken = 3;
    private const int AnswerTokens = 4096;

    /// <summary>Bytes of text that may go before the new message.</summary>
    public static long Room(ChatModel model, string system, string message)
    {
        var tokens = model.ContextWindow - Math.Min(model.MaxOutputTokens, AnswerTokens);
        return Math.Max(0, ((long)tokens * BytesPerToken) - Encoding.UTF8.GetByteCount(system) - Encoding.UTF8.GetByteCount(message));
    }

    public List<ChatMessage> For(ChatModel model)
    {
        var first = Fitting(Room(model, system, message));
        var messages = new List<ChatMessage>(before.Count - first + 2);
        if (system.Length > 0)
            messages.Add(new ChatMessage(ChatRole.System, system));
        // A conversation begins with its user: what is left of an answer whose question no longer fits says nothing.
        foreach (var said in before.Skip(first).SkipWhile(said => said.Role == Message.Assistant).Where(said => !string.IsNullOrWhiteSpace(said.Content)))
            messages.Add(new ChatMessage(RoleOf(said), said.Content));
        messages.Add(new ChatMessage(ChatRole.User, message));
        return messages;
    }

    /// <summary>The index of the oldest message from which on all fit into <paramref name="room"/> bytes.</summary>
    private int Fitting(long room)
    {
        var first = before.Count;
        while (first > 0 && (room -= Encoding.UTF8.GetByteCount(before[first - 1].Content)) >= 0)
            first--;
        return first;
    }

    private static ChatRole RoleOf(Said said) => said.Role switch
    {
        Message.Assistant => ChatRole.Assistant,
        Message.System => ChatRole.System,
        _ => ChatRole.User,
    };
}
