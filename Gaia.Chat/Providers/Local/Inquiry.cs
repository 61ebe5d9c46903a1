using System.Text.RegularExpressions;

namespace Gaia.Chat.Providers.Local;

/// <summary>What a question is about: its content words, the kind of value it asks for, and whether it is about the user.</summary>
internal sealed partial class Inquiry
{
    private const int MaxTerms = 24;

    private Inquiry(List<string> terms, Feature wanted)
    {
        Terms = terms;
        Wanted = wanted;
    }

    public IReadOnlyList<string> Terms { get; }

    public Feature Wanted { get; }

    public bool AboutUser { get; private init; }

    /// <summary>"Where do I live?", not "Where does my sister live?".</summary>
    public bool AsksAboutI { get; private init; }

    /// <summary>Indexes of the terms without which nothing is answered: what follows "my" or "our", and proper names.</summary>
    public IReadOnlyList<int> Essential { get; private init; } = [];

    public bool AsksToRemember { get; private init; }

    public static Inquiry Of(string question)
    {
        var words = Words.Of(ForALiving().Replace(question.Length > 1000 ? question[..1000] : question, " job "));
        var keys = words.ConvertAll(word => word.Key);
        var terms = keys.Where((key, i) => !Lexicon.Stop.Contains(key) && !(i == 0 && Lexicon.Requests.Contains(key)) && !(i > 0 && keys[i - 1] is "what" or "which" && NamesKind(key)))
            .Select(Words.Stem).Distinct(StringComparer.Ordinal).Take(MaxTerms).ToList();
        return new Inquiry(terms, KindsWanted(keys, terms))
        {
            AboutUser = keys.Any(Lexicon.FirstPerson.Contains),
            AsksAboutI = SubjectIsI(keys),
            Essential = [.. words.Skip(1).Where(word => word.IsCapitalised && !Lexicon.FirstPerson.Contains(word.Key)).Select(word => terms.IndexOf(Words.Stem(word.Key))).Append(PossessedTerm(keys, terms)).Where(index => index >= 0).Distinct()],
            AsksToRemember = keys.Any(key => key is "remember" or "memorise" or "memorize" or "note" or "keep"),
        };
    }

    // In "what did I say about my sister" the "I" only introduces.
    private static bool SubjectIsI(List<string> keys)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i] is "i" or "we" or "ich" or "wir" or "i'm" or "me")
            {
                var next = i + 1 < keys.Count ? keys[i + 1] : "";
                if (next is not ("say" or "said" or "tell" or "told" or "mention" or "mentioned" or "ask" or "asked" or "give" or "gave") && !(keys[i] == "me" && i > 0 && keys[i - 1] is "tell" or "remind" or "give" or "told"))
                    return true;
            }
        }
        return false;
    }

    private static int PossessedTerm(List<string> keys, List<string> terms)
    {
        var at = keys.FindIndex(key => key is "my" or "our" or "mein" or "meine" or "meinen" or "meiner" or "unser" or "unsere");
        while (at >= 0 && ++at < keys.Count)
        {
            if (!Lexicon.Stop.Contains(keys[at]))
                return terms.IndexOf(Words.Stem(keys[at]));
        }
        return -1;
    }

    // After "what" or "which" these only say what kind of answer is wanted.
    private static bool NamesKind(string key) => key is "time" or "date" or "day" or "year" or "month" or "weekday" or "hour" or "city" or "country" or "town" or "place" or "person";

    private static Feature KindsWanted(List<string> keys, List<string> terms)
    {
        var wanted = Feature.None;
        for (var i = 0; i < keys.Count; i++)
        {
            var next = i + 1 < keys.Count ? keys[i + 1] : "";
            wanted |= keys[i] switch
            {
                "who" or "who's" or "whom" or "whose" or "wer" or "qui" or "quien" => Feature.Person,
                "where" or "where's" or "wheres" or "wo" or "wohin" or "donde" => Feature.Place,
                "when" or "when's" or "wann" or "quand" or "cuando" => Feature.Time,
                "why" or "warum" or "pourquoi" => Feature.Reason,
                "how" when next is "many" or "much" or "old" or "tall" or "long" or "far" or "big" or "heavy" or "often" or "high" => Feature.Number,
                "wieviel" or "combien" or "cuanto" => Feature.Number,
                "what" or "which" when next is "time" or "date" or "day" or "year" or "month" or "weekday" or "hour" => Feature.Time,
                "what" or "which" when next is "city" or "country" or "town" or "street" or "place" or "room" => Feature.Place,
                _ => Feature.None,
            };
        }
        foreach (var term in terms)
        {
            wanted |= term switch
            {
                "colour" => Feature.Colour,
                "name" or "call" => Feature.Name,
                "number" or "code" or "pin" or "phon" or "digit" => Feature.Number,
                "birthdai" or "deadlin" or "date" => Feature.Time,
                _ => Feature.None,
            };
        }
        return wanted;
    }

    [GeneratedRegex(@"\bfor (?:a|my|her|his|your|their) living\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ForALiving();
}
