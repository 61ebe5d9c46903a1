using System.Text.RegularExpressions;

namespace Gaia.Chat.Providers.Local;

/// <summary>Decides what each clause of a user's message is: a statement, a question, an order, or small talk.</summary>
internal static partial class UtteranceReader
{
    public static IEnumerable<Utterance> Read(string message)
    {
        foreach (var sentence in Sentences.Of(message))
        {
            foreach (var (text, words) in Sentences.Clauses(sentence))
                yield return Classify(text, words);
        }
    }

    private static Utterance Classify(string text, List<Word> words)
    {
        var corrects = false;
        var memorise = false;
        (text, words) = Strip(text, words, ref corrects, ref memorise);
        // What is to be remembered may be one small word ("remember: good night"); otherwise such words alone say nothing.
        if (words.Count == 0 || (!memorise && words.Count <= 12 && words.All(word => Lexicon.SmallTalk.Contains(word.Key))))
            return new Utterance(text, UtteranceKind.SmallTalk, words);
        return new Utterance(text, memorise ? UtteranceKind.Statement : KindOf(text, words), words, corrects, memorise);
    }

    private static UtteranceKind KindOf(string text, List<Word> words)
    {
        var first = words[0].Key;
        var second = words.Count > 1 ? words[1].Key : "";
        if (text.AsSpan().TrimEnd("\"”)! ").EndsWith('?') || text.EndsWith('？') || text.EndsWith('؟') || AsksIndirectly().IsMatch(text))
            return UtteranceKind.Question;
        if (Lexicon.Question.Contains(first) && first != "que" && (Lexicon.Auxiliaries.Contains(second)
            || (first is "what" or "who" or "which" or "whose" or "how" or "wer" or "wie" or "welche" or "what's" or "whats" or "who's" or "where's" or "when's"
                && !Lexicon.SubjectPronouns.Contains(second) && second is not "you" and not "to" && words.Count > 1 && !text.EndsWith('!'))))
        {
            return UtteranceKind.Question;
        }
        if (Lexicon.Auxiliaries.Contains(first) && Lexicon.Subjects.Contains(second) && first is not "war" and not "may" and not "must")
            return UtteranceKind.Question;
        return Lexicon.Requests.Contains(first) && !text.AsSpan(words[0].End).TrimStart().StartsWith(':') ? UtteranceKind.Request : UtteranceKind.Statement;
    }

    // Takes off, one at a time, what stands before the matter: greetings, "by the way", "please remember that", "actually".
    private static (string Text, List<Word> Words) Strip(string text, List<Word> words, ref bool corrects, ref bool memorise)
    {
        for (var round = 0; round < 6; round++)
        {
            var length = 0;
            if (Opening().Match(text) is { Success: true } opening)
            {
                length = opening.Length;
            }
            else if (Correction().Match(text) is { Success: true } correction)
            {
                length = correction.Length;
                corrects = true;
            }
            else if (MemoriseClause().Match(text) is { Success: true } clause)
            {
                length = clause.Length;
            }
            else if (MemoriseItem().Match(text) is { Success: true })
            {
                memorise = true;
                break;
            }
            if (length == 0 || length >= text.Length)
                break;
            var asked = text.TrimEnd().EndsWith('?');
            text = text[length..];
            // "Did you know that …?" and "Can you remember that …?" state what they wrap.
            if (asked && MemoriseWrapped(length, words))
                text = text.TrimEnd('?', ' ') + ".";
            words = Words.Of(text);
        }
        return (text, words);
    }

    private static bool MemoriseWrapped(int length, List<Word> words) =>
        words.Count > 2 && words[0].Key is "did" or "can" or "could" or "would" or "will" or "please" or "do" && words[1].Start < length;

    [GeneratedRegex(@"^(?:(?:hi|hello|hey|hiya|hallo|bonjour|hola|ok|okay|alright|well|so|oh|ah|yes|yeah|yep|thanks|thank you|great|cool|please|and|but|also|then|good (?:morning|afternoon|evening)|by the way|you know(?=,)|btw|fyi|just so you know|for (?:the record|your information)|as i said|to be clear|one more thing|another thing|anyway|sure)(?:\s+(?:there|again))?\b[\s,:!.–—-]*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Opening();

    [GeneratedRegex(@"^(?:(?:no(?=\s*[,.!–—-]|\s+(?:wait|actually|sorry|it|my))|nope|wait|sorry(?=\s*[,.!:–—-])|oops|actually|correction|scratch that|i (?:meant|mean)(?: to say)?|make (?:that|it)|rather|eigentlich|my mistake|i was wrong)\b[\s,:!.–—-]*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Correction();

    [GeneratedRegex(@"^(?:(?:did you know|(?:(?:can|could|would|will) you )?(?:please )?(?:remember|note|memori[sz]e|keep in mind|bear in mind|don['’]?t forget|do not forget|never forget|know)|i (?:want|would like|need) you to (?:know|remember)|i['’]d like you to (?:know|remember)|let me tell you|i (?:should|must) (?:mention|say|add)|you should know|it['’]s worth knowing)(?:\s+that\b[\s,:]*|\s*:\s*(?=(?:my|our|the|i|we)\b)|\s+(?=(?:my|our|i|we|i['’]m|we['’]re)\b(?=[^?]*\b(?:is|are|was|am|live|work|have|need)\b))))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MemoriseClause();

    [GeneratedRegex(@"^(?:(?:can|could|would|will) you )?(?:please )?(?:(?:remember|memori[sz]e|note|save|store|keep)(?:\s+(?:down|in mind|this|these|the following))*\b(?!\s+(?:what|when|who|where|how|me\b))[^?]*$|don['’]?t forget\b[^?]*$|remind me to\b[^?]*$|merk[e]? dir\b[^?]*$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MemoriseItem();

    [GeneratedRegex(@"^(?:i(?:['’]?m| am)? (?:wonder(?:ing)?|forgot|forget|can['’]?t (?:remember|recall)|don['’]?t (?:remember|recall|know)|need to know|want to know|would like to know|have forgotten)\s+(?:what|who|where|when|which|how|why|if|whether|my|our|the)\b|i['’]d like to know\b|i['’]ve forgotten\b|(?:please )?(?:remind|tell) me (?:again )?(?:what|who|where|when|which|how|why|if|whether|about|of|my|our|the name)\b|let me know\b|(?:any idea|guess) (?:what|who|where|when|how)\b|sag mir\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AsksIndirectly();
}
