using System.Collections.Frozen;

namespace Gaia.Chat.Providers.Local;

/// <summary>The closed classes of words: the grammar that questions and statements share, whatever they are about.</summary>
internal static class Lexicon
{
    public static readonly FrozenSet<string> FirstPerson = Set("""
        i i'm im i've ive i'd i'll me my mine myself we we're we've we'd we'll us our ours ourselves
        ich mich mir mein meine meinen meinem meiner meines wir uns unser unsere je j'ai moi mon ma mes nous notre yo mi mis nuestro nuestra io mio mia
        """);

    public static readonly FrozenSet<string> SubjectPronouns = Set("""
        i i'm i've i'd i'll we we're we've we'd we'll he he's she she's they they're ich wir
        """);

    public static readonly FrozenSet<string> Determiners = Set("my our his her their its the mein meine unser unsere");

    public static readonly FrozenSet<string> BackReferences = Set("""
        he he's he'll she she's she'll it it's it'll they they're they've they'll his her its their that's this that these those both
        er sie es seine ihre il elle
        """);

    public static readonly FrozenSet<string> Question = Set("""
        what what's whats who who's whos whom whose where where's wheres when when's which why how how's
        was wer wie wo wann warum welche welcher welches wohin woher wieviel quel quelle quels quelles qui quand comment combien pourquoi
        que quien donde cuando como cual cuanto
        """);

    public static readonly FrozenSet<string> Auxiliaries = Set("""
        is are am was were do does did can could will would should shall may might must has have had isn't aren't don't doesn't didn't won't can't
        ist sind bin hast habe kann kannst wirst
        """);

    public static readonly FrozenSet<string> Subjects = Set("""
        i you we he she it they my our your his her their the this that there anyone somebody someone ich du wir mein meine
        """);

    public static readonly FrozenSet<string> Copulas = Set("is are was were am it's that's 're 's will be");

    /// <summary>Says that what follows replaces what was said before.</summary>
    public static readonly FrozenSet<string> Corrections = Set("""
        actually now correction instead rather changed anymore longer sorry wait oops meant update updated nope scratch since eigentlich jetzt doch
        """);

    /// <summary>Subjects with one value at a time: a later value replaces the earlier one.</summary>
    public static readonly FrozenSet<string> SingleValued = Stems("""
        name nickname surname favourite birthday birthdate age email address phone number code password passcode passphrase pin key token job title deadline
        budget height weight size language timezone city country hometown lieblingsfarbe geburtstag adresse
        """);

    public static readonly FrozenSet<string> Stop = Set("""
        a an the and or but if so than as of to in on at by for from with without into onto about over under up down out off again then there here
        this that these those it it's its is are am was were be been being isn't aren't wasn't do does did don't doesn't didn't done doing has have had having
        will would shall should can could may might must can't couldn't won't wouldn't i'd i'll i'm im i've ive i me my mine myself we we're we've us our ours you you're your
        yours he he's him his she she's her hers they they're them their what what's whats who who's whos whom whose where where's when when's which why how how's
        not no yes please just also too very really quite only even still ever never always any some all both each every more most much many such own same
        remember remind recall tell told say said mention mentioned know forget forgot forgotten asked again earlier before previously ago let me think believe guess
        give show want like_to could kind sort thing things stuff something anything exactly currently supposed called_to moment hey hi hello okay ok now actually
        question answer conversation message chat
        der die das den dem des ein eine einen einem einer und oder ist sind bin war du er sie es wir ihr ich mich mir mein meine meinen meiner dein deine
        was wer wie wo wann warum welche welcher welches hast habe hat von zu mit auf im am zum bei nicht auch noch
        le la les un une des et est sont je tu il elle nous vous mon ma mes ton ta quel quelle qui quand que de du en au aux mi mis tu tus el los las una y es soy eres son yo
        donde cuando cual quien como se
        """);

    /// <summary>Words that carry no fact when nothing else is said.</summary>
    public static readonly FrozenSet<string> SmallTalk = Set("""
        hi hello hey hiya howdy greetings good morning afternoon evening night day there yo hallo bonjour hola ciao moin servus salut
        thanks thank thx cheers danke merci gracias you so very much a lot for that your help
        ok okay k alright right fine great cool nice awesome perfect super wow lol haha hmm hm well yes no yeah yep nope sure please bye goodbye cya later see
        got it understood i indeed amazing wonderful brilliant excellent test testing ping oh ah
        """);

    /// <summary>Orders to produce something. They are neither facts nor, mostly, within reach.</summary>
    public static readonly FrozenSet<string> Requests = Set("""
        introduce tell explain write give show list summarise summarize translate describe help say repeat calculate compute evaluate solve make create generate find search draw
        compose rewrite convert compare suggest recommend analyse analyze sing recap multiply add subtract divide sum imagine pretend play count define spell
        erklare schreibe zeige nenne
        """);

    public static readonly FrozenSet<string> Colours = Set("""
        red green blue yellow orange purple violet pink brown black white grey gray teal turquoise cyan magenta indigo beige maroon crimson gold golden silver navy olive
        lavender lilac scarlet burgundy mauve ivory coral salmon khaki tan amber emerald azure aquamarine chartreuse vermilion ochre cobalt
        rot grun blau gelb schwarz weiss lila rosa braun grau rouge vert bleu jaune noir blanc rojo verde azul amarillo negro blanco
        """);

    public static readonly FrozenSet<string> Times = Set("""
        monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
        today tomorrow yesterday tonight noon midnight morning afternoon evening night week weekend month year hour minute o'clock am pm spring summer autumn fall winter
        christmas easter monday's daily weekly monthly quarterly montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar marz mai juni juli oktober
        dezember morgen heute gestern abend uhr lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo
        """);

    public static readonly FrozenSet<string> Months = Set("""
        january february march april may june july august september october november december januar februar marz mai juni juli oktober dezember
        """);

    public static readonly FrozenSet<string> NumberWords = Set("""
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty
        seventy eighty ninety hundred thousand million dozen half twice once couple single zwei drei vier funf sechs sieben acht neun zehn
        """);

    public static readonly FrozenSet<string> PlacePrepositions = Set("""
        in at near behind under inside beside above below from to on between next around towards through outside beneath opposite into aus bei nach unter hinter neben chez
        """);

    public static readonly FrozenSet<string> Abbreviations = Set("dr mr mrs ms prof st no nr vs e.g i.e z.b ca approx jr sr inc ltd bzw usw vol fig dept apt");

    private static readonly FrozenSet<string> Verbs = Stems("""
        live lives work works like love hate prefer own drive play speak eat drink want need plan go come start begin end ship meet move call name stay study learn teach
        cost weigh leave arrive keep store hide put belong run use take make buy sell write read know think feel look sound taste mean turn close open happen grow graduate
        marry die build deploy expire launch fly travel visit collect enjoy dislike wear sleep wake cook bake sing dance swim ride hold lead manage report earn save owe lend
        give send bring carry sit stand lie fit contain include start finish become get lose find break win pay spend choose say tell see hear decide sign join quit retire
        wohne heisse arbeite mag habe liebe kaufe fahre
        """);

    private static readonly FrozenSet<string> Finite = Set("""
        is are am was were has have had do does did will would can could should shall may might must isn't aren't wasn't weren't hasn't haven't don't doesn't didn't won't can't
        i'm we're they're he's she's it's that's there's i've we've you're ist sind bin war hat habe est suis es soy
        """);

    public static bool IsVerb(string key) => Finite.Contains(key) || Verbs.Contains(Words.Stem(key));

    private static FrozenSet<string> Set(string words) =>
        words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static FrozenSet<string> Stems(string words) =>
        words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Words.Stem).ToFrozenSet(StringComparer.Ordinal);
}
