using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Gaia.Chat.Conversations.Messages;

namespace Gaia.Chat.Conversations.Export;

/// <summary>
/// A conversation as Markdown. Each message is a quotation: CommonMark ends whatever is open in one, such as a fence of code that
/// nobody closed, with the quotation, and no message can pass for a heading of ours.
/// </summary>
internal static class MarkdownExport
{
    private const string Special = "\\`*_{}[]<>()#+-.!|~&";

    public static async Task WriteAsync(
        PipeWriter output, ConversationBody conversation, IAsyncEnumerable<IReadOnlyList<MessageBody>> messages, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Escape(conversation.Title)).Append("\n\nBegun ").Append(Time(conversation.CreatedAt)).Append('\n');
        Encoding.UTF8.GetBytes(text.ToString(), output);
        await foreach (var part in messages.WithCancellation(cancellationToken))
        {
            foreach (var message in part)
            {
                text.Clear();
                Append(text, message);
                Encoding.UTF8.GetBytes(text.ToString(), output);
            }

            await output.FlushAsync(cancellationToken);
        }

        await output.FlushAsync(cancellationToken);
    }

    private static void Append(StringBuilder text, MessageBody message)
    {
        var speaker = message.Role switch
        {
            Message.User => "User",
            Message.Assistant => "Assistant",
            Message.System => "System",
            var other => Escape(other),
        };
        text.Append("\n## ").Append(speaker).Append("\n\n*").Append(Time(message.CreatedAt));
        if (message.Model is { } model)
            text.Append(", ").Append(Escape(model));
        text.Append("*\n\n");
        // The line ends that CommonMark knows; others are part of a line.
        foreach (var line in message.Content.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n'))
            text.Append(line.Length == 0 ? ">" : "> ").Append(line).Append('\n');
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>As text in one line.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (Special.Contains(character, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(char.IsControl(character) ? ' ' : character);
        }

        return escaped.ToString();
    }
}
