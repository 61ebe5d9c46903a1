using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Providers.Local;

/// <summary>
/// The embedded provider, <c>gaia-local</c>: offline and deterministic. It answers from what the user said in the messages it is given, calculates, and speaks
/// as the persona of the system message. The same messages and options give the same text; only the response id and time differ.
/// </summary>
public sealed class LocalChatClient(LocalChatOptions? options = null, TimeProvider? timeProvider = null) : IChatClient
{
    public const string ModelName = "gaia-local";

    public const string ProviderName = "gaia";

    private readonly ChatClientMetadata _metadata = new(ProviderName, providerUri: null, ModelName);
    private readonly LocalChatOptions _options = options ?? new LocalChatOptions();
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<ChatResponse>(cancellationToken);
        var (text, reason, usage) = Complete(messages, options, cancellationToken);
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, text) { MessageId = NewId() })
        {
            ResponseId = NewId(),
            ModelId = ModelName,
            CreatedAt = _time.GetUtcNow(),
            FinishReason = reason,
            Usage = usage,
        });
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        var (text, reason, usage) = Complete(messages, options, cancellationToken);
        var (responseId, messageId, created) = (NewId(), NewId(), _time.GetUtcNow());
        for (var start = 0; start < text.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (start > 0 && _options.Pace > TimeSpan.Zero)
                await Task.Delay(_options.Pace, _time, cancellationToken);
            var end = WordEnd(text, start);
            yield return Update(new TextContent(text[start..end]));
            start = end;
        }
        cancellationToken.ThrowIfCancellationRequested();
        var last = Update(new UsageContent(usage));
        last.FinishReason = reason;
        yield return last;

        ChatResponseUpdate Update(AIContent content) => new(ChatRole.Assistant, [content])
        {
            ResponseId = responseId,
            MessageId = messageId,
            ModelId = ModelName,
            CreatedAt = created,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        return serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose()
    {
        // Holds nothing.
    }

    private static (string Text, ChatFinishReason Reason, UsageDetails Usage) Complete(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var given = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        var text = Responder.Answer(Dialogue.Read(given, options?.Instructions, cancellationToken));
        foreach (var stop in options?.StopSequences ?? [])
        {
            if (!string.IsNullOrEmpty(stop) && text.IndexOf(stop, StringComparison.Ordinal) is >= 0 and var at)
                text = text[..at];
        }
        var reason = ChatFinishReason.Stop;
        if (options?.MaxOutputTokens is > 0 and var most && TokenCounter.Truncate(text, most) is { } cut && cut.Length < text.Length)
            (text, reason) = (cut, ChatFinishReason.Length);
        var (input, output) = (TokenCounter.Count(given, options?.Instructions), TokenCounter.Count(text));
        return (text, reason, new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output });
    }

    // A word with the white space before it, as language models stream.
    private static int WordEnd(string text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsWhiteSpace(text[end]))
            end++;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
            end++;
        return end;
    }

    private static string NewId() => $"gaia-{Guid.NewGuid():N}";
}
