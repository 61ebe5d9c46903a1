namespace Gaia.Chat.Providers.Local;

internal enum UtteranceKind
{
    Statement,
    Question,
    Request,
    SmallTalk,
}

/// <summary>One clause of a message. <paramref name="Corrects"/>: it began like "actually" or "no, wait".</summary>
internal sealed record Utterance(string Text, UtteranceKind Kind, IReadOnlyList<Word> Words, bool Corrects = false, bool Memorise = false);
