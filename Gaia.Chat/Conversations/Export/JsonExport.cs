using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Gaia.Chat.Conversations.Messages;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Conversations.Export;

/// <summary>A conversation as one JSON object: its own fields, and <c>messages</c> as the API has them.</summary>
internal static class JsonExport
{
    public static async Task WriteAsync(
        PipeWriter output, ConversationBody conversation, IAsyncEnumerable<IReadOnlyList<MessageBody>> messages, CancellationToken cancellationToken)
    {
        var wire = ConversationJson.Readable;
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = wire.Options.Encoder });
        json.WriteStartObject();
        json.WriteString("id", conversation.Id);
        json.WriteString("title", conversation.Title);
        json.WriteString("created_at", conversation.CreatedAt.ToString(NaiveTimestampConverter.Format, CultureInfo.InvariantCulture));
        json.WriteString("updated_at", conversation.UpdatedAt.ToString(NaiveTimestampConverter.Format, CultureInfo.InvariantCulture));
        json.WriteStartArray("messages");
        await foreach (var part in messages.WithCancellation(cancellationToken))
        {
            foreach (var message in part)
            {
                JsonSerializer.Serialize(json, message, wire.MessageBody);
                json.Flush();
            }

            await output.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        await output.FlushAsync(cancellationToken);
    }
}
