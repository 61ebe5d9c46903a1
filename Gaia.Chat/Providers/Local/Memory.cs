namespace Gaia.Chat.Providers.Local;

/// <summary>Collects what the user stated, in order: ties "it" and "she" to what they refer to, and lets a correction replace what it corrects.</summary>
internal sealed class Memory
{
    /// <summary>When there are more, the older half goes, but for those from the beginning, where people introduce themselves.</summary>
    public const int MaxStatements = 20_000;

    private const int KeptFromBeginning = 1000;

    private const int CorrectionReach = 20;

    private readonly List<Statement> _statements = [];
    private readonly Dictionary<string, Statement> _slots = new(StringComparer.Ordinal);

    public IReadOnlyList<Statement> All => _statements;

    public IEnumerable<Statement> Current => _statements.Where(statement => !statement.Superseded);

    /// <param name="utterance">A statement of the user.</param>
    /// <param name="prompt">What the assistant asked just before, if this begins a turn.</param>
    /// <param name="sameTurn">Whether the statement before it belongs to the same message.</param>
    public Statement Add(Utterance utterance, string? prompt, bool sameTurn)
    {
        var statement = Correct(utterance) ?? new Statement
        {
            Text = utterance.Text,
            Words = utterance.Words,
            Memorise = utterance.Memorise,
            Corrects = utterance.Corrects,
            Root = FindRoot(utterance, sameTurn),
            Prompt = prompt is not null && utterance.Words.Count <= 6 && !utterance.Words.Any(word => Lexicon.IsVerb(word.Key)) ? prompt : null,
        };
        Supersede(statement);
        if (_statements.Count == MaxStatements)
            _statements.RemoveRange(KeptFromBeginning, MaxStatements / 2);
        _statements.Add(statement);
        return statement;
    }

    private Statement? FindRoot(Utterance utterance, bool sameTurn)
    {
        if (_statements.Count == 0)
            return null;
        var last = _statements[^1];
        var refersBack = Lexicon.BackReferences.Contains(utterance.Words[0].Key) || (utterance.Corrects && !utterance.Words.Any(word => Lexicon.IsVerb(word.Key)));
        // "Berlin is great; I might move there."
        refersBack |= sameTurn && utterance.Words.Skip(1).Any(word => word.Key is "there" or "it" or "them" or "him");
        // "Remember these: apple, pear" on one line, the items on the next.
        var continues = sameTurn && last.Text.EndsWith(':');
        return refersBack || continues ? last.Root ?? last : null;
    }

    // "Actually it's green now" after "My favourite colour is blue" becomes "My favourite colour is green now".
    private Statement? Correct(Utterance utterance)
    {
        var words = utterance.Words;
        var cue = utterance.Corrects || words.Any(word => Lexicon.Corrections.Contains(word.Key));
        if (!cue || words.Count > 12)
            return null;
        var pronoun = words[0].Key is "it's" or "that's" or "its" ? 1
            : words.Count > 1 && words[0].Key is "it" or "that" or "this" && Lexicon.Copulas.Contains(words[1].Key) ? 2 : 0;
        if ((pronoun == 0 && words.Any(word => Lexicon.IsVerb(word.Key))) || pronoun >= words.Count)
            return null;
        var value = utterance.Text[words[pronoun].Start..];
        var kinds = Features.Of(words);
        Statement? root = null;
        for (var i = _statements.Count - 1; i >= Math.Max(0, _statements.Count - CorrectionReach); i--)
        {
            var candidate = _statements[i];
            if (candidate.Superseded || candidate.Verb < 1 || !candidate.IsCopula || candidate.SpeaksAsI)
                continue;
            root ??= candidate;
            if ((Features.Of(candidate.Words.Skip(candidate.Verb + 1).ToList()) & kinds & ~Feature.Name) == 0)
                continue;
            root = candidate;
            break;
        }
        if (root is null)
            return null;
        var verb = root.Words[root.Verb];
        var text = $"{root.Text[..verb.End]} {value}";
        return new Statement { Text = text, Words = Words.Of(text), Corrects = true };
    }

    private void Supersede(Statement statement)
    {
        if (SlotOf(statement) is not { } slot)
            return;
        if (_slots.TryGetValue(slot, out var earlier) && !string.Equals(earlier.Text, statement.Text, StringComparison.OrdinalIgnoreCase))
        {
            var sameKind = (Features.Of(statement.Words) & Features.Of(earlier.Words) & ~(Feature.Name | Feature.Person)) != 0;
            var replaces = statement.SpeaksAsI
                ? slot is "i liv" or "i weigh"
                : statement.Corrects || statement.Words.Any(word => Lexicon.Corrections.Contains(word.Key)) || statement.SubjectStems.Any(Lexicon.SingleValued.Contains);
            // Where both may hold, the earlier one is told along with the later.
            if (!replaces && (statement.SpeaksAsI ? statement.Corrects : sameKind))
                statement.Earlier = earlier;
            earlier.Superseded = replaces || statement.Earlier is not null;
        }
        _slots[slot] = statement;
    }

    // What a statement gives a value to: "my favourite colour is", "I live".
    private static string? SlotOf(Statement statement)
    {
        if (statement.Verb < 0 || statement.Root is not null)
            return null;
        if (statement.SpeaksAsI)
        {
            return statement.Verb <= 2 ? "i " + Words.Stem(statement.Words[statement.Verb].Key) : null;
        }
        if (!statement.IsCopula)
            return null;
        var subject = string.Join(' ', statement.SubjectStems);
        return subject.Length == 0 ? null : subject;
    }
}
