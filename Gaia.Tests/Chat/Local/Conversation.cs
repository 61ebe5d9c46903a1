using Gaia.Chat.Providers.Local;
using Microsoft.Extensions.AI;

namespace Gaia.Tests.Chat.Local;

/// <summary>Talks to <see cref="LocalChatClient"/> as the chat service does: with the whole history, its answers included.</summary>
internal sealed class Conversation(string? system = null)
{
    private static readonly LocalChatClient Client = new();

    public List<ChatMessage> Messages { get; } = system is null ? [] : [new ChatMessage(ChatRole.System, system)];

    public Conversation Say(params string[] lines)
    {
        foreach (var line in lines)
            Ask(line);
        return this;
    }

    public string Ask(string line)
    {
        Messages.Add(new ChatMessage(ChatRole.User, line));
        var response = Client.GetResponseAsync(Messages).GetAwaiter().GetResult();
        Messages.AddRange(response.Messages);
        return response.Text;
    }
}
