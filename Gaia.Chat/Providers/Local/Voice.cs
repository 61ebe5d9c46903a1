using System.Text.RegularExpressions;

namespace Gaia.Chat.Providers.Local;

/// <summary>The set phrases of the assistant, in its persona's manner.</summary>
internal sealed partial class Voice(Persona persona, Dialogue dialogue)
{
    public const string Product = "Gaia's built-in offline model";

    private const string KeyNames = "OPENAI_API_KEY or ANTHROPIC_API_KEY";

    private bool _disclosed = dialogue.Turns.Any(turn => !turn.IsUser && turn.Text.Contains(KeyNames, StringComparison.Ordinal));

    public string Noted => Manner("Noted", "Got it", "Very well");

    public string Thanks => Manner("You're welcome.", "You're very welcome!", "You are most welcome.");

    public string Farewell => Manner("Goodbye.", "Bye for now!", "Goodbye, and all the best.");

    public string Agreed => Manner("All right. What else?", "All right! What's next?", "Very well. How may I assist you further?");

    public string NothingYet => Manner("You have not told me that yet.", "You haven't told me that yet!", "I am afraid you have not told me that yet.");

    public string NothingSaid => Manner("You have not told me anything yet.", "You haven't told me anything yet!", "You have not told me anything yet.");

    public string Unreadable => Manner("I can only read words and numbers, and found none in your message.", "I can only read words and numbers, and I found none in there!", "I regret that I can only read words and numbers, and found none in your message.");

    public string Well => Manner("I'm running fine, thank you.", "I'm running splendidly, thank you!", "I am well, thank you for asking.");

    public string Greeting()
    {
        var user = UserName();
        var hello = Manner("Hello", "Hello there", "Good day") + (user is null ? "" : ", " + user) + (persona.IsCheerful ? "!" : ".");
        if (dialogue.Turns.Any(turn => !turn.IsUser))
            return hello;
        var self = persona.Name is { } name ? $" I'm {name}{(persona.Description is { } what && !persona.IsTerse ? ", " + what : "")}." : "";
        return $"{hello}{self}{Manner(" How can I help?", " How can I help you today?", " How may I be of service?")}";
    }

    public string Identity()
    {
        var what = persona.Description is { } description ? ", " + description : "";
        var self = persona.Name is { } name ? $"I'm {name}{what}. I run on {Product}" : persona.Description is { } role ? $"I'm {role}, running on {Product}" : $"I'm {Product}";
        return $"{self}: not a large language model, but I follow our conversation and calculate.{Keys()}";
    }

    public string Ability() =>
        $"I remember what you tell me here and answer from it, sum it up, and do arithmetic. I'm {Product}, so I have no general knowledge.{Keys()}";

    public string CannotProduce() => $"{Manner("That is beyond me", "That's beyond me, sorry", "I regret that this is beyond me")}: I'm {Product}, not a large language model.{Keys()}";

    public string Unknown() => _disclosed
        ? Manner("I don't know that.", "I don't know that one, sorry!", "I am afraid I do not know that.")
        : $"{Manner("I don't know that", "I don't know that one, sorry", "I am afraid I do not know that")}: I'm {Product}, not a large language model.{Keys()}";

    /// <summary>Adds what the persona likes or is told to say around an answer.</summary>
    public string Speak(string answer, bool social)
    {
        if (persona.Opening is { } opening)
            answer = $"{Punctuate(opening)} {answer}";
        else if (persona.Phrases.Count > 0 && !persona.IsTerse && (social || dialogue.UserTurns.Count() % 3 == 0))
            answer = $"{Punctuate(persona.Phrases[dialogue.Turns.Count / 2 % persona.Phrases.Count])} {answer}";
        return persona.Closing is { } closing ? $"{answer} {Punctuate(closing)}" : answer;
    }

    private string Manner(string plain, string cheerful, string formal) => persona.IsFormal ? formal : persona.IsCheerful ? cheerful : plain;

    // Once in a conversation is honest; each time would be tedious.
    private string Keys()
    {
        if (_disclosed)
            return "";
        _disclosed = true;
        return $" (Set {KeyNames} for one.)";
    }

    private string? UserName()
    {
        foreach (var statement in dialogue.Memory.Current.Reverse().Take(1000))
        {
            if (Introduces().Match(statement.Text) is { Success: true } match)
                return match.Groups["name"].Value;
        }
        return null;
    }

    private static string Punctuate(string phrase) => char.IsLetterOrDigit(phrase[^1]) ? phrase + "!" : phrase;

    [GeneratedRegex(@"^(?:my name(?:['’]s| is)|(?:you can |please )?call me|ich hei(?:ß|ss)e|je m'appelle|me llamo)\s+(?<name>\p{Lu}[\p{L}\p{N}'’-]{0,40})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Introduces();
}
