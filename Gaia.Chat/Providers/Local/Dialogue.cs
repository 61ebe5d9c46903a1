using Microsoft.Extensions.AI;

namespace Gaia.Chat.Providers.Local;

internal readonly record struct Turn(bool IsUser, string Text);

/// <summary>The conversation as read from the messages: system text, turns, the user's newest message, and what was stated before it.</summary>
internal sealed class Dialogue
{
    /// <summary>Of a longer message the beginning and the end are read.</summary>
    public const int MaxMessage = 1_100_000;

    /// <summary>Older turns beyond this many characters are not read, except the first few.</summary>
    public const int MaxTotal = 1_500_000;

    private const int FirstTurns = 20;

    private Dialogue(string system, List<Turn> turns, string newest)
    {
        System = system;
        Turns = turns;
        Newest = newest;
    }

    public string System { get; }

    /// <summary>The turns before the newest message, oldest first.</summary>
    public IReadOnlyList<Turn> Turns { get; }

    public string Newest { get; }

    public Memory Memory { get; } = new();

    public List<string> Questions { get; } = [];

    public IEnumerable<string> UserTurns => Turns.Where(turn => turn.IsUser).Select(turn => turn.Text);

    public static Dialogue Read(IEnumerable<ChatMessage> messages, string? instructions, CancellationToken cancellationToken)
    {
        var system = new List<string>();
        if (!string.IsNullOrWhiteSpace(instructions))
            system.Add(instructions);
        var turns = new List<Turn>();
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.System || message.Role.Value is "developer")
                system.Add(message.Text);
            else if (message.Role == ChatRole.User || message.Role == ChatRole.Assistant)
                turns.Add(new Turn(message.Role == ChatRole.User, Bound(message.Text)));
        }
        var last = turns.FindLastIndex(turn => turn.IsUser);
        var newest = last < 0 ? "" : turns[last].Text;
        if (last >= 0)
            turns.RemoveRange(last, turns.Count - last);
        var dialogue = new Dialogue(string.Join('\n', system), turns, newest);
        dialogue.Remember(cancellationToken);
        return dialogue;
    }

    private void Remember(CancellationToken cancellationToken)
    {
        var total = 0;
        var from = Turns.Count;
        while (from > 0 && (total += Turns[from - 1].Text.Length) <= MaxTotal)
            from--;
        for (var i = 0; i < Turns.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Turns[i].IsUser && (i < FirstTurns || i >= from))
                Remember(i);
        }
    }

    private void Remember(int index)
    {
        var prompt = index > 0 && !Turns[index - 1].IsUser ? LastQuestion(Turns[index - 1].Text) : null;
        Take(Turns[index].Text, prompt, _ => { });
    }

    /// <summary>Reads a message of the user into memory and hands its questions and orders to <paramref name="other"/>.</summary>
    public List<Statement> Take(string text, string? prompt, Action<Utterance> other)
    {
        var stated = new List<Statement>();
        foreach (var utterance in UtteranceReader.Read(text))
        {
            if (utterance.Kind == UtteranceKind.Statement && (utterance.Memorise || MathReader.Find(utterance.Text) is null))
            {
                stated.Add(Memory.Add(utterance, stated.Count == 0 ? prompt : null, stated.Count > 0));
                continue;
            }
            if (utterance.Kind == UtteranceKind.Question && Questions.Count < 1000)
                Questions.Add(utterance.Text);
            other(utterance);
        }
        return stated;
    }

    public string? NewestPrompt => Turns is [.., { IsUser: false } before] ? LastQuestion(before.Text) : null;

    private static string? LastQuestion(string text)
    {
        var end = text.TrimEnd();
        if (!end.EndsWith('?') || end.Length > 4000)
            return null;
        return Sentences.Of(end).LastOrDefault();
    }

    private static string Bound(string text) =>
        text.Length <= MaxMessage ? text : string.Concat(text.AsSpan(0, MaxMessage / 2), "\n", text.AsSpan(text.Length - MaxMessage / 2));
}
