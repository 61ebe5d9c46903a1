using System.Text.RegularExpressions;

namespace Gaia.Chat.Providers.Local;

/// <summary>What a question or order asks of the conversation itself or of the assistant, rather than of what the user stated.</summary>
internal enum Intent
{
    Recall,
    FirstMessage,
    FirstQuestion,
    LastMessage,
    LastQuestion,
    Repeat,
    Summary,
    Everything,
    Identity,
    Ability,
    Wellbeing,
    AboutAssistant,
    Produce,
}

internal static partial class Intents
{
    private const int MaxLength = 600;

    public static Intent Of(string text)
    {
        if (text.Length > MaxLength)
            return Intent.Recall;
        if (Firstly().IsMatch(text))
            return AsksQuestion().IsMatch(text) ? Intent.FirstQuestion : Intent.FirstMessage;
        if (Lastly().IsMatch(text))
            return AsksQuestion().IsMatch(text) ? Intent.LastQuestion : Intent.LastMessage;
        if (Repeat().IsMatch(text))
            return Intent.Repeat;
        if (Summary().IsMatch(text))
            return Intent.Summary;
        if (Everything().IsMatch(text))
            return Intent.Everything;
        if (Identity().IsMatch(text))
            return Intent.Identity;
        if (Ability().IsMatch(text))
            return Intent.Ability;
        if (Wellbeing().IsMatch(text))
            return Intent.Wellbeing;
        if (Produce().IsMatch(text))
            return Intent.Produce;
        return AboutAssistant().IsMatch(text) ? Intent.AboutAssistant : Intent.Recall;
    }

    /// <summary>"How old are you?", unlike "Can you guess when we ship?".</summary>
    public static bool ConcernsAssistant(string text) => text.Length <= MaxLength && ConcernsAssistant().IsMatch(text);

    [GeneratedRegex(@"\b(?:are|were|do|did|have|would) you\b(?! (?:know|remember|recall|have|find|see|guess)\b)|\byour\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ConcernsAssistant();

    [GeneratedRegex(@"^(?=.*\b(?:i|my|we|our)\b)(?=.*\b(?:say|said|ask|asked|tell|told|write|wrote|type|typed|message|question|words?|sentence)\b)(?=.*\b(?:first (?:thing|message|question|words?|sentence)|(?:say|said|ask|asked|tell|told|write|wrote) (?:to )?(?:you )?(?:first|at first|initially|originally|at the (?:start|beginning)))\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Firstly();

    [GeneratedRegex(@"\b(?:did i just (?:say|ask|tell|write)|i just (?:said|asked|told|wrote)|my (?:last|previous) (?:message|question|sentence|words?)|(?:last|previous) (?:thing|question|message) (?:that )?i (?:said|asked|told|wrote|sent)|did i (?:say|ask|tell you) (?:last|before(?: that| this)?))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Lastly();

    [GeneratedRegex(@"\b(?:ask|asked|question)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AsksQuestion();

    [GeneratedRegex(@"^(?:(?:can|could|would|will) you )?(?:please )?(?:repeat|say)\b(?:[^?]{0,20})\b(?:that|this|it|yourself|again|last|answer|message)\b|\bwhat did you (?:just )?say\b|^(?:come again|pardon)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Repeat();

    [GeneratedRegex(@"\b(?:summari[sz]e|summary|recap|tl;?dr|sum up|what (?:have|did) we (?:been )?(?:talk\w*|discuss\w*|cover\w*|sa(?:y|id)|speak\w*)|fasse? .{0,30}zusammen)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Summary();

    [GeneratedRegex(@"\b(?:know|remember|learn(?:ed|t)?|recall|tell me) (?:all |anything |everything |something )?(?:about|of) me\b|\b(?:what|everything|anything|all)(?: that| things| facts| stuff)? (?:have|did|do|has|had)?\s*(?:i|we) (?:have )?(?:told|tell|said|say|shared|mentioned|given)(?: to)?(?: you)?(?: so far| until now| already| today| about (?:me|myself))?\s*[?.!]*$|^\W*who am i\b|\b(?:list|show)(?: me)? (?:all |everything)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Everything();

    [GeneratedRegex(@"\b(?:who|what) (?:are|r) (?:you|u)\b(?! (?:doing|going|wearing|saying|talking))|\bwho'?s this\b|\bwho am i (?:talking|speaking|chatting)|\b(?:your|ur) (?:own )?name\b|\bintroduce yourself\b|\babout yourself\b|\bare you (?:really |actually |just )?(?:an? )?(?:real|human|person|ai|bot|chatbot|robot|machine|llm|language model|large language model|model|gpt|chatgpt|claude|gemini|openai|assistant|offline|online)\b|\b(?:which|what) (?:\w+ )?(?:model|llm|ai|provider)\b.{0,30}\b(?:you|this|are|running|using)\b|\bwer bist du\b|\bwie hei(?:ß|ss)t du\b|\bqui es-tu\b|\bquien eres\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Identity();

    [GeneratedRegex(@"\bwhat (?:can|could|do) you (?:do|help)|\bhow (?:can|could) you help|\bhow do you work\b|\b(?:your|ur) (?:capabilities|abilities|features|limits|limitations|skills)\b|^\W*(?:please )?(?:help|can you help)(?: me)?\W*$|\bwas kannst du\b|\bcan('?t| ?not)? you (?:do|not do)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Ability();

    [GeneratedRegex(@"^\W*(?:(?:hi|hello|hey)\b.{0,20})?(?:how are (?:you|u|things)|how'?s it going|how do you (?:do|feel)|how have you been|what'?s up|wie geht)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Wellbeing();

    [GeneratedRegex(@"^\W*(?:(?:can|could|would|will) you )?(?:please )?(?:write|compose|translate|draw|create|generate|rewrite|convert|sing|imagine|pretend|paint|code|program|design|explain|analy[sz]e|define|tell me an? (?:\w+ )?(?:joke|story|poem|riddle)|make (?:me )?an?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Produce();

    [GeneratedRegex(@"^(?!.*\b(?:i|my|me|we|our|us|mine)\b).*\b(?:you|your|yours)\b(?! (?:know|remember|tell|recall|say|give|show|repeat)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex AboutAssistant();
}
