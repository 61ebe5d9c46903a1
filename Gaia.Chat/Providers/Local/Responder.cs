namespace Gaia.Chat.Providers.Local;

/// <summary>Composes the answer to a dialogue's newest message.</summary>
internal sealed class Responder
{
    private const int MaxListed = 12;
    private const int MaxRestated = 5;
    private const int MaxAnswers = 4;

    private readonly Dialogue _dialogue;
    private readonly Persona _persona;
    private readonly Voice _voice;
    private Recall? _recall;

    private Responder(Dialogue dialogue)
    {
        _dialogue = dialogue;
        _persona = Persona.Of(dialogue.System);
        _voice = new Voice(_persona, dialogue);
    }

    public static string Answer(Dialogue dialogue) => new Responder(dialogue).Answer();

    private string Answer()
    {
        var newest = _dialogue.Newest;
        if (newest.Length == 0 && _dialogue.Turns.Count == 0)
            return _voice.Speak(_voice.Greeting(), social: true);
        if (!newest.Any(char.IsLetterOrDigit))
            return _voice.Speak(_voice.Unreadable, social: true);
        if (Calculate(newest) is { } result)
            return _voice.Speak(result, social: false);

        // What was asked before this message, for "what did I ask first".
        var questionsBefore = _dialogue.Questions.Count;
        var asked = new List<Utterance>();
        var social = new List<Utterance>();
        var stated = _dialogue.Take(newest, _dialogue.NewestPrompt, utterance => (utterance.Kind == UtteranceKind.SmallTalk ? social : asked).Add(utterance));
        _dialogue.Questions.RemoveRange(questionsBefore, _dialogue.Questions.Count - questionsBefore);

        var answers = asked.Take(MaxAnswers).Select(Reply).Distinct(StringComparer.Ordinal).ToList();
        if (answers.Count > 0 && Intents.Of(asked[0].Text) is Intent.Repeat)
            return answers[0];
        if (answers.Count > 0)
            return _voice.Speak(string.Join(' ', answers), asked.Exists(utterance => Intents.Of(utterance.Text) is Intent.Identity or Intent.Wellbeing or Intent.Ability));
        var greets = Greets(newest);
        if (stated.Count > 0)
            return _voice.Speak((greets ? _voice.Greeting().Split(" How ")[0] + " " : "") + Acknowledge(stated), social: greets);
        return _voice.Speak(Courtesy(newest, greets), social: true);
    }

    private string Reply(Utterance utterance)
    {
        var text = utterance.Text;
        if (Calculate(text) is { } result)
            return result;
        return Intents.Of(text) switch
        {
            Intent.FirstMessage => Cite(_dialogue.UserTurns.FirstOrDefault(), "The first thing you said was"),
            Intent.FirstQuestion => Cite(_dialogue.Questions.FirstOrDefault(), "Your first question was") is var cited && _dialogue.Questions.Count > 0
                ? cited
                : Cite(_dialogue.UserTurns.FirstOrDefault(), "You have asked nothing before. The first thing you said was"),
            Intent.LastMessage => Cite(_dialogue.UserTurns.LastOrDefault(), "You just said"),
            Intent.LastQuestion => Cite(_dialogue.Questions.LastOrDefault() ?? _dialogue.UserTurns.LastOrDefault(), "Before this you asked"),
            Intent.Repeat => _dialogue.Turns.LastOrDefault(turn => !turn.IsUser).Text is { Length: > 0 } said ? Phrasing.Shorten(said, 4000) : "I have not said anything yet.",
            Intent.Summary => Summarise(),
            Intent.Everything => _dialogue.Memory.Current.Any() ? ListAll("You told me: ") : _voice.NothingSaid,
            Intent.Identity => _voice.Identity(),
            Intent.Ability => _voice.Ability(),
            Intent.Wellbeing => _voice.Well,
            Intent.AboutAssistant => AboutSelf(text) ?? (Intents.ConcernsAssistant(text) ? _voice.Unknown() : Recollect(text)),
            Intent.Produce => _voice.CannotProduce(),
            Intent.Recall => Recollect(text),
        };
    }

    private string Recollect(string question)
    {
        var inquiry = Inquiry.Of(question);
        var ranked = (_recall ??= new Recall(_dialogue.Memory.Current)).Rank(inquiry);
        if (ranked.Count == 0)
            return inquiry.AboutUser ? _voice.NothingYet : _voice.Unknown();
        var best = ranked[0];
        if (best.Coverage >= 0.5 && best.Score >= 0.5)
        {
            var margin = best.Coverage >= 0.85 ? 0.12 : 0.3;
            return string.Join(' ', ranked.Where(finding => finding.Score >= best.Score - margin && finding.Coverage > 0).Take(MaxRestated).Select(finding => Phrasing.Restate(finding.Statement)).Distinct(StringComparer.Ordinal));
        }
        var related = best.Coverage > 0.25 || inquiry.AboutUser || inquiry.AsksToRemember
            || (inquiry.Wanted != Feature.None && ranked.Any(finding => (Features.Of(finding.Statement.Words) & inquiry.Wanted) != 0));
        // A weak match may be the wrong one: better to show what there is, nearest first, than to guess.
        if (best.Coverage >= 0.3)
        {
            var others = ranked.Skip(1).Select(finding => finding.Statement).ToList();
            return $"I think you mean this: {Phrasing.Restate(best.Statement)}{(others.Count > 0 ? " " + List("You also told me: ", others, MaxListed - 1) : "")}";
        }
        return related
            ? $"I'm not certain you told me that. {List("What I know from you: ", ranked.Select(finding => finding.Statement), MaxListed)}"
            : $"{_voice.Unknown()} {List("What you have told me: ", ranked.Select(finding => finding.Statement), 3)}";
    }

    private string? AboutSelf(string question)
    {
        var ranked = new Recall(_persona.Traits).Rank(Inquiry.Of(question));
        return ranked is [{ Coverage: >= 0.5, Score: >= 0.5 } best, ..] ? Phrasing.ToSelf(best.Statement) : null;
    }

    private static string? Calculate(string text)
    {
        if (MathReader.Find(text) is not { } tokens || !Arithmetic.TryEvaluate(tokens, out var value, out var problem))
            return null;
        var expression = Phrasing.Shorten(MathReader.Write(tokens), 300);
        if (problem is not null)
            return $"I can't work out {expression}: {problem}.";
        return value.PrintsExactly ? $"{expression} = {value}" : $"{expression} is about {value}";
    }

    private string Acknowledge(List<Statement> stated)
    {
        var told = stated.Take(3).Select(Phrasing.Inline);
        return $"{_voice.Noted}: {Phrasing.Shorten(string.Join("; ", told), 600)}{(stated.Count > 3 ? $"; and {stated.Count - 3} more" : "")}.";
    }

    private string Courtesy(string text, bool greets)
    {
        var keys = Words.Of(text.Length > 500 ? text[..500] : text).ConvertAll(word => word.Key);
        if (keys.Exists(key => key is "thanks" or "thank" or "thx" or "cheers" or "danke" or "merci" or "gracias"))
            return _voice.Thanks;
        if (keys.Exists(key => key is "bye" or "goodbye" or "cya" or "later" or "ciao" or "night"))
            return _voice.Farewell;
        return greets ? _voice.Greeting() : _voice.Agreed;
    }

    private static bool Greets(string text)
    {
        var words = Words.Of(text.Length > 100 ? text[..100] : text);
        return words.Count > 0 && (words[0].Key is "hi" or "hello" or "hey" or "hiya" or "howdy" or "greetings" or "hallo" or "bonjour" or "hola" or "salut" or "servus" or "moin" or "yo"
            || (words.Count > 1 && words[0].Key is "good" && words[1].Key is "morning" or "afternoon" or "evening" or "day"));
    }

    private string Summarise()
    {
        var asked = _dialogue.Questions.Where(question => Intents.Of(question) is not Intent.Summary).TakeLast(5).Select(question => Phrasing.Quote(Phrasing.Shorten(question, 120))).ToList();
        if (_dialogue.Turns.Count == 0 && !_dialogue.Memory.Current.Any())
            return "We have only just begun.";
        var count = _dialogue.UserTurns.Count();
        var told = _dialogue.Memory.Current.Any() ? " " + ListAll("You told me: ") : "";
        return $"You have sent {count} {(count == 1 ? "message" : "messages")} before this one.{told}{(asked.Count > 0 ? $" You asked: {string.Join(", ", asked)}." : "")}";
    }

    // Oldest first, with the middle left out when there is too much.
    private string ListAll(string lead)
    {
        var all = _dialogue.Memory.Current.ToList();
        return List(lead, all.Count <= MaxListed ? all : [.. all.Take(MaxListed / 2), .. all.TakeLast(MaxListed / 2)], MaxListed, all.Count);
    }

    private static string List(string lead, IEnumerable<Statement> statements, int most, int? total = null)
    {
        var all = statements.ToList();
        var items = all.Take(most).Select(statement => Phrasing.Shorten(Phrasing.Inline(statement), 240)).Distinct(StringComparer.OrdinalIgnoreCase);
        var more = (total ?? all.Count) - most;
        return $"{lead}{string.Join("; ", items)}{(more > 0 ? $"; and {more} more" : "")}.";
    }

    private static string Cite(string? text, string lead) =>
        string.IsNullOrWhiteSpace(text) ? "You had not said anything before this message." : $"{lead}: {Phrasing.Quote(text)}";
}
