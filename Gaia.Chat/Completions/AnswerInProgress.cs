using System.Text;
using Gaia.Chat.Providers.Local;
using Gaia.ServiceDefaults.Data;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Completions;

/// <summary>What a model has said so far, and what it cost.</summary>
internal sealed class AnswerInProgress(IReadOnlyList<ChatMessage> prompt)
{
    public const string FromProvider = "provider";
    public const string Estimated = "estimated";

    private readonly StringBuilder _text = new();
    private long? _promptTokens;
    private long? _completionTokens;

    public int Length => _text.Length;

    public string? FinishReason { get; private set; }

    /// <summary>Takes in a piece; returns the text in it, or null.</summary>
    public string? Add(ChatResponseUpdate update)
    {
        FinishReason ??= update.FinishReason?.Value;
        foreach (var content in update.Contents)
        {
            if (content is not UsageContent { Details: var usage })
                continue;
            _promptTokens = (_promptTokens ?? 0) + (usage.InputTokenCount ?? 0);
            _completionTokens = (_completionTokens ?? 0) + (usage.OutputTokenCount ?? 0);
        }

        var text = update.Text;
        if (text.Length == 0)
            return null;
        _text.Append(text);
        return text;
    }

    /// <summary>The text as it is kept, and its tokens: the provider's count, or ours where it gave none.</summary>
    public (string Text, int PromptTokens, int CompletionTokens, string Source) Close()
    {
        var text = TextRules.MakeStorable(_text.ToString());
        return _promptTokens is { } input && _completionTokens is { } output
            ? (text, (int)Math.Min(input, int.MaxValue), (int)Math.Min(output, int.MaxValue), FromProvider)
            : (text, (int)TokenCounter.Count(prompt, null), TokenCounter.Count(text), Estimated);
    }
}
