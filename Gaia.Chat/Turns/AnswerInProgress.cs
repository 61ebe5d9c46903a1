using System.Text;
using Gaia.Chat.Providers;
using Gaia.Chat.Providers.Local;
using Gaia.ServiceDefaults.Data;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Turns;

/// <summary>What a model has said so far, and what it cost. One writes, any number of others read.</summary>
internal sealed class AnswerInProgress
{
    public const string FromProvider = "provider";
    public const string Estimated = "estimated";

    /// <summary>Characters of a finish reason that there is room for.</summary>
    private const int MaxReason = 30;

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private IReadOnlyList<ChatMessage> _prompt = [];
    private ReportedUsage _usage = new();
    private TaskCompletionSource? _more;
    private bool _ended;

    public int Length => _text.Length;

    public string? FinishReason { get; private set; }

    /// <summary>Begins to ask a model; another one may have failed before it said anything.</summary>
    public void Ask(IReadOnlyList<ChatMessage> prompt) => (_prompt, _usage, FinishReason) = (prompt, new ReportedUsage(), null);

    /// <summary>Takes in a piece; returns the text in it, or null.</summary>
    public string? Add(ChatResponseUpdate update)
    {
        if (update.FinishReason is { Value: var reason })
            FinishReason ??= TextRules.MakeStorable(TextRules.Cut(reason, MaxReason));
        foreach (var content in update.Contents)
        {
            if (content is UsageContent { Details: var usage })
                _usage.Add(usage);
        }

        var text = update.Text;
        if (text.Length == 0)
            return null;
        TaskCompletionSource? more;
        lock (_lock)
        {
            _text.Append(text);
            (more, _more) = (_more, null);
        }

        more?.TrySetResult();
        return text;
    }

    /// <summary>Tells those who read along that nothing more comes.</summary>
    public void End()
    {
        TaskCompletionSource? more;
        lock (_lock)
        {
            _ended = true;
            (more, _more) = (_more, null);
        }

        more?.TrySetResult();
    }

    /// <summary>What was said after the first <paramref name="offset"/> characters; waits for more. Null at the end.</summary>
    public async ValueTask<string?> ReadAsync(int offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_text.Length > offset)
                    return _text.ToString(offset, _text.Length - offset);
                if (_ended)
                    return null;
                more = (_more ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    /// <summary>What was said after the first <paramref name="offset"/> characters until now.</summary>
    public string Since(int offset)
    {
        lock (_lock)
            return _text.Length > offset ? _text.ToString(offset, _text.Length - offset) : "";
    }

    /// <summary>The text as it is kept, and its tokens: the provider's count, or ours where it gave none.</summary>
    public (string Text, int PromptTokens, int CompletionTokens, string Source) Close()
    {
        var text = TextRules.MakeStorable(_text.ToString());
        return _usage is { Input: { } input, Output: { } output }
            ? (text, (int)Math.Min(input, int.MaxValue), (int)Math.Min(output, int.MaxValue), FromProvider)
            : (text, (int)TokenCounter.Count(_prompt, null), TokenCounter.Count(text), Estimated);
    }
}
