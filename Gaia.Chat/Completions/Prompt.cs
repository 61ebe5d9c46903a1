using System.Text;
using Gaia.Chat.Conversations;
using Gaia.Chat.Providers;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Completions;

/// <summary>
/// What a model is told: the system prompt, the newest messages of the conversation that fit its window, and the new one.
/// Three bytes of text count as a token, which errs on the safe side in every language, and part of the window is left for the answer.
/// </summary>
internal static class Prompt
{
    public const int BytesPerToken = 3;
    private const int AnswerTokens = 4096;

    public static long HistoryBytes(ChatModel model, string system, string message)
    {
        var tokens = model.ContextWindow - Math.Min(model.MaxOutputTokens, AnswerTokens);
        return Math.Max(0, ((long)tokens * BytesPerToken) - Encoding.UTF8.GetByteCount(system) - Encoding.UTF8.GetByteCount(message));
    }

    public static List<ChatMessage> Build(string system, IReadOnlyList<Said> history, string message)
    {
        var messages = new List<ChatMessage>(history.Count + 2);
        if (system.Length > 0)
            messages.Add(new ChatMessage(ChatRole.System, system));
        // A conversation begins with its user: what is left of an answer whose question no longer fits says nothing.
        foreach (var said in history.SkipWhile(said => said.Role != Message.User).Where(said => !string.IsNullOrWhiteSpace(said.Content)))
            messages.Add(new ChatMessage(said.Role == Message.User ? ChatRole.User : ChatRole.Assistant, said.Content));
        messages.Add(new ChatMessage(ChatRole.User, message));
        return messages;
    }
}
