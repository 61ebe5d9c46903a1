using System.Collections.Frozen;

namespace Gaia.Chat.Providers.Local;

/// <summary>
/// How near two stems are: the same, related by meaning, or alike in spelling. A line "a b c" says that all mean much the same; "&gt; a : b c" that
/// b and c are kinds of a, so that asking for a pet finds the dog, but asking for the dog does not find the cat.
/// </summary>
internal static class Thesaurus
{
    public const double Synonym = 0.8;

    private const double Alike = 0.7;

    private static readonly string[] Groups =
    [
        "live reside home house based address move relocate settle dwell hometown flat apartment",
        "name call nickname known surname llamo llama appelle nom nombre",
        "work job profession occupation career employ employer company position role living trabajo travaille",
        "> job work occupation profession career role living : teacher nurse doctor engineer developer programmer designer lawyer baker carpenter plumber chef pilot farmer student accountant architect librarian electrician",
        "> pet animal : dog cat hamster parrot bird fish rabbit puppy kitten horse pony turtle tortoise snake goldfish ferret lizard gecko budgie canary chicken goat spider tarantula",
        "> sibling : brother sister twin", "> parent : mother father mum mom dad mama papa", "> child kid offspring : son daughter baby toddler boy girl",
        "> spouse partner : wife husband girlfriend boyfriend fiance fiancee",
        "> family relative : brother sister twin mother father mum mom dad son daughter wife husband aunt uncle cousin nephew niece grandmother grandfather grandma grandpa",
        "mother mum mom", "father dad", "child kid", "grandmother grandma granny nana", "grandfather grandpa", "friend buddy mate pal", "colleague coworker teammate", "boss manager supervisor",
        "> vehicle ride transport : car truck bike bicycle motorcycle motorbike van scooter bus tram boat", "car drive auto automobile", "bike bicycle cycle", "phone telephone mobile cell smartphone",
        "> car drive : volvo bmw tesla toyota honda ford audi fiat renault mazda volkswagen porsche skoda kia hyundai mercedes",
        "> colour : red green blue yellow orange purple violet pink brown black white grey gray teal turquoise cyan magenta indigo beige maroon crimson gold silver navy olive lavender lilac scarlet",
        "> food meal dish eat cuisine snack : pizza pasta sushi burger curry soup salad bread cheese chocolate apple banana fruit vegetable steak rice noodle taco ramen lasagna pancake",
        "> drink beverage : tea coffee beer wine juice water lemonade milk cocoa whisky gin cola espresso latte",
        "> hobby pastime : play paint climb chess garden knit photography hike cycle swim run collect read dance bake cook fish surf ski sail pottery",
        "like love enjoy prefer favourite fond adore hobby pastime passion into fan interest best", "hate dislike despise loathe stand avoid worst",
        "old age year birthday birth birthdate turn", "password passphrase passcode pin code secret key credential login combination", "code number digit figure", "number phone",
        "email mail", "meet meeting appointment call date event session standup", "start begin launch open", "end finish close over", "ship release deliver deploy launch publish go-live",
        "deadline due expire", "store keep put save hide locate stash lie leave place location spot", "buy purchase get acquire pick", "own have possess belong", "sick ill disease condition",
        "allergi allergic intolerant reaction", "> eat food diet avoid stand : allergic allergi intolerant vegetarian vegan", "diet vegetarian vegan", "tall height", "weight weigh heavy", "size fit measure", "> language : english german french spanish italian dutch russian japanese chinese mandarin korean arabic portuguese hindi swedish polish turkish norwegian danish finnish greek",
        "speak language talk fluent", "study learn student university school college degree major course graduate class", "travel trip go fly visit vacation holiday journey destination head tour",
        "marri wedding marry anniversary spouse bride groom wife husband", "budget cost price spend money pay worth expensive rent salary earn charge", "> sport : football soccer tennis basketball hockey golf rugby volleyball badminton cricket baseball",
        "> instrument : guitar piano violin drum cello flute trumpet saxophone bass ukulele harp clarinet banjo", "movie film cinema watch", "book novel read author", "song music band listen sing", "wear clothes shirt dress",
        "origin come from grow hail native birth nationality raise", "> country : norway germany france spain italy japan china canada brazil india mexico sweden poland portugal greece england ireland scotland",
        "> city town : paris london berlin rome madrid oslo vienna lisbon tokyo munich hamburg prague dublin boston chicago seattle toronto sydney", "plan intend schedule aim goal",
        "time hour clock", "date day", "room office desk floor", "team group squad", "project product app application", "server host machine computer laptop", "wifi network internet", "port socket",
        "doctor dentist physician", "medicine medication pill drug", "dinner supper lunch breakfast meal", "invite guest attend come join", "lend borrow owe debt", "big large", "small little tiny",
        "database db postgres mysql sqlite", "color colour", "lose miss", "car vehicle",
    ];

    private static readonly FrozenDictionary<string, (int Group, bool Head)[]> Senses = Build();

    /// <summary>0 for unrelated stems, 1 for equal ones.</summary>
    public static double Similarity(string asked, string said)
    {
        if (string.Equals(asked, said, StringComparison.Ordinal))
            return 1;
        if (Senses.TryGetValue(asked, out var left) && Senses.TryGetValue(said, out var right))
        {
            foreach (var (group, head) in left)
            {
                foreach (var (other, otherHead) in right)
                {
                    if (group == other && (head || otherHead))
                        return Synonym;
                }
            }
        }
        return LooksAlike(asked, said) ? Alike : 0;
    }

    // "allergy" and "allergic" share most of a prefix; "Farbe" ends "Lieblingsfarbe"; a code may be given in part.
    private static bool LooksAlike(string a, string b)
    {
        var (shorter, longer) = a.Length <= b.Length ? (a, b) : (b, a);
        if (shorter.Length < 4)
            return false;
        if (longer.EndsWith(shorter, StringComparison.Ordinal) && shorter.Length * 3 >= longer.Length)
            return true;
        var common = shorter.AsSpan().CommonPrefixLength(longer);
        return common >= 5 && common * 3 >= longer.Length * 2;
    }

    private static FrozenDictionary<string, (int, bool)[]> Build()
    {
        var senses = new Dictionary<string, List<(int, bool)>>(StringComparer.Ordinal);
        for (var group = 0; group < Groups.Length; group++)
        {
            var (heads, members) = Groups[group].Split(" : ") is [var left, var right] ? (left.TrimStart('>'), right) : (Groups[group], "");
            Add(heads, group, head: true);
            Add(members, group, head: false);
        }
        return senses.ToFrozenDictionary(sense => sense.Key, sense => sense.Value.ToArray(), StringComparer.Ordinal);

        void Add(string words, int group, bool head)
        {
            foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var stem = Words.Stem(word);
                if (!senses.TryGetValue(stem, out var known))
                    senses[stem] = known = [];
                known.Add((group, head));
            }
        }
    }
}
