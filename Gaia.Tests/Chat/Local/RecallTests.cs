namespace Gaia.Tests.Chat.Local;

public sealed class RecallTests
{
    private static readonly string[] OtherMatters =
    [
        "Hello there",
        "The weather is dreadful today.",
        "I watched a documentary about volcanoes yesterday.",
        "Our neighbours painted their fence.",
        "How do magnets work?",
    ];

    /// <summary>What is said, what is asked much later, and what the answer must contain. Nothing here was copied from the word lists.</summary>
    public static TheoryData<string, string, string> Facts => new()
    {
        { "My name is Ada.", "What is my name?", "Ada" },
        { "I'm called Bartholomew", "do you know what I am called?", "Bartholomew" },
        { "Call me Zed", "What should you call me?", "Zed" },
        { "Hey, I'm Quentin, nice to meet you", "so what's my name again", "Quentin" },
        { "My sister Clara lives in Oslo", "Where does my sister live?", "Oslo" },
        { "My sister Clara lives in Oslo", "Who lives in Oslo?", "Clara" },
        { "My sister Clara lives in Oslo", "What is my sister's name?", "Clara" },
        { "we ship on Friday the 13th", "When do we ship?", "Friday the 13th" },
        { "we ship on Friday the 13th", "what day is the release?", "Friday the 13th" },
        { "the deploy key is stored in vault 7", "Where is the deploy key?", "vault 7" },
        { "the deploy key is stored in vault 7", "which vault has the key?", "vault 7" },
        { "remember: 4711", "Which number did I ask you to remember?", "4711" },
        { "remember: 4711", "What was I asking you to keep in mind?", "4711" },
        { "I'm allergic to peanuts", "What am I allergic to?", "peanuts" },
        { "I'm allergic to peanuts", "Do I have any allergies?", "peanuts" },
        { "I'm allergic to peanuts", "Is there any food I should avoid?", "peanuts" },
        { "My favourite colour is teal.", "What's my favorite color?", "teal" },
        { "My dog is a beagle called Waffles.", "What is the name of my pet?", "Waffles" },
        { "My dog is a beagle called Waffles.", "What breed is my dog?", "beagle" },
        { "I work as a marine biologist in Bergen.", "What do I do for a living?", "marine biologist" },
        { "I work as a marine biologist in Bergen.", "What is my job?", "marine biologist" },
        { "I was born on the 3rd of March 1987.", "When is my birthday?", "3rd of March" },
        { "I was born on the 3rd of March 1987.", "In which year was I born?", "1987" },
        { "I am 34 years old", "How old am I?", "34" },
        { "I drive a rusty Saab 900.", "What car do I have?", "Saab 900" },
        { "My locker combination is 12-44-8", "What's the combination of my locker?", "12-44-8" },
        { "The wifi password is h0rse!battery", "what's the password for the wifi?", "h0rse!battery" },
        { "My phone number is +47 555 01 23", "What's my phone number?", "+47 555 01 23" },
        { "You can reach me at ada@example.org", "What is my email address?", "ada@example.org" },
        { "We're meeting Priya at the Blue Heron café on Tuesday at half past six.", "Where are we meeting Priya?", "Blue Heron" },
        { "We're meeting Priya at the Blue Heron café on Tuesday at half past six.", "What time do we meet Priya?", "half past six" },
        { "I parked the van on level 3, bay 27.", "Where did I park?", "level 3, bay 27" },
        { "My grandmother taught me to bake rye bread.", "Who taught me baking?", "grandmother" },
        { "I play the cello in a quartet every Thursday.", "Which instrument do I play?", "cello" },
        { "I play the cello in a quartet every Thursday.", "What do I do on Thursdays?", "cello" },
        { "The staging server listens on port 8443.", "Which port does the staging server use?", "8443" },
        { "Tomorrow I fly to Lisbon for a conference.", "Where am I travelling?", "Lisbon" },
        { "I owe Marek 25 euros", "How much do I owe Marek?", "25 euros" },
        { "I owe Marek 25 euros", "Who do I owe money to?", "Marek" },
        { "My wife's name is Ingrid and we have three kids.", "How many children do I have?", "three" },
        { "My wife's name is Ingrid and we have three kids.", "What is my wife called?", "Ingrid" },
        { "I bought a telescope last week because I love stargazing.", "Why did I buy a telescope?", "stargazing" },
        { "The invoice was rejected because the VAT number was missing.", "Why was the invoice rejected?", "VAT number" },
        { "I prefer tabs over spaces.", "Do I prefer tabs or spaces?", "tabs over spaces" },
        { "Shopping list: eggs, oat milk, nails", "What is on my shopping list?", "eggs, oat milk, nails" },
        { "Please remember these words: river, candle, trombone.", "Which words did I ask you to remember?", "river, candle, trombone" },
        { "Our team is called the Night Herons.", "What's the name of our team?", "Night Herons" },
        { "My boss is Dr. Ngozi Okafor.", "Who is my manager?", "Okafor" },
        { "The spare key hides under the third flowerpot.", "Where is the spare key?", "third flowerpot" },
        { "I'm vegetarian", "What kind of diet do I follow?", "vegetarian" },
        { "I speak Portuguese and a little Finnish.", "What languages do I speak?", "Portuguese" },
        { "The project codename is Bluebird.", "What is the codename of the project?", "Bluebird" },
        { "I grew up in a village near Graz.", "Where did I grow up?", "Graz" },
        { "My appointment with the dentist moved to 9:40.", "When do I see the dentist?", "9:40" },
        { "I'm learning to weld.", "What am I learning?", "weld" },
        { "My cat Miso is afraid of the vacuum cleaner.", "What scares my cat?", "vacuum cleaner" },
        { "Our budget is 12,500 dollars.", "How much money can we spend?", "12,500" },
        { "My flight number is LH1234", "which flight am I on?", "LH1234" },
        { "I hate coriander.", "Which herb do I dislike?", "coriander" },
        { "I think Gdansk is lovely; I might move there next year.", "Where might I move?", "Gdansk" },
        { "I have two cats, Miso and Tofu.", "what are my cats' names?", "Tofu" },
        { "My passport expires in 2031", "When does my passport run out?", "2031" },
        { "I left my umbrella at the library", "I forgot where I left my umbrella", "library" },
        { "My brother Tom is a firefighter in Leeds", "Tell me about my brother", "firefighter" },
        { "My brother Tom is a firefighter in Leeds", "where does tom work", "Leeds" },
        { "I'm reading Middlemarch at the moment", "What book am I reading?", "Middlemarch" },
        { "My landlord, Mr. Hughes, wants the rent by the 5th", "when is the rent due?", "the 5th" },
        { "I usually have porridge for breakfast", "What do I eat in the morning?", "porridge" },
        { "Ich heiße Jürgen und wohne in Köln.", "Wie heiße ich?", "Jürgen" },
        { "Ich heiße Jürgen und wohne in Köln.", "Wo wohne ich?", "Köln" },
        { "Meine Schwester arbeitet bei Siemens.", "Wo arbeitet meine Schwester?", "Siemens" },
        { "Mi perro se llama Canela.", "¿Cómo se llama mi perro?", "Canela" },
        { "Mon chat s'appelle Moustache.", "Comment s'appelle mon chat ?", "Moustache" },
        { "我的猫叫小白。", "我的猫叫什么？", "小白" },
        { "Мою собаку зовут Бобик.", "Как зовут мою собаку?", "Бобик" },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public void A_fact_is_recalled_turns_later(string fact, string question, string expected)
    {
        var answer = new Conversation().Say(fact).Say(OtherMatters).Ask(question);

        Assert.Contains(expected, answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Most_facts_are_recalled_alone_rather_than_in_a_list()
    {
        var alone = Facts.Count(row => new Conversation().Say((string)row[0]).Say(OtherMatters).Ask((string)row[1]) is var answer
            && !answer.Contains("volcanoes", StringComparison.Ordinal) && !answer.Contains("fence", StringComparison.Ordinal));

        Assert.True(alone >= Facts.Count * 0.85, $"{alone} of {Facts.Count}");
    }

    [Theory]
    [InlineData("What is my name?", "Your name is Ada.")]
    [InlineData("Where does my sister live?", "Your sister Clara lives in Oslo.")]
    [InlineData("What colour is my bicycle?", "Your bicycle is red.")]
    [InlineData("Where do I live?", "You live in Rome.")]
    [InlineData("What was I yesterday?", "You were in Turin yesterday.")]
    [InlineData("What is my sister's favourite dish?", "Your sister's favourite dish is lasagne.")]
    public void The_matching_fact_alone_is_restated_in_the_second_person(string question, string expected)
    {
        var conversation = new Conversation().Say(
            "My name is Ada. I live in Rome.", "My sister Clara lives in Oslo and her car is blue.", "My bicycle is red.", "I was in Turin yesterday.",
            "My sister's favourite dish is lasagne.");

        Assert.Equal(expected, conversation.Ask(question));
    }

    [Fact]
    public void Several_facts_in_one_sentence_are_told_apart()
    {
        var conversation = new Conversation().Say("My name is Ada, I live in Rome and my dog is called Rex, but my cat is called Tom.");

        Assert.Equal("Your dog is called Rex.", conversation.Ask("What's my dog called?"));
        Assert.Equal("Your cat is called Tom.", conversation.Ask("And what is the name of my cat?"));
        Assert.Equal("You live in Rome.", conversation.Ask("Where do I live?"));
    }

    [Theory]
    [InlineData("My favourite colour is blue.", "Actually it's green now.", "What is my favourite colour?", "green", "blue")]
    [InlineData("My favourite colour is blue.", "My favourite colour is green.", "What is my favourite colour?", "green", "blue")]
    [InlineData("My favourite colour is blue.", "No wait, green.", "What is my favourite colour?", "green", "blue")]
    [InlineData("The door code is 1234.", "Correction: the door code is 9876.", "What is the door code?", "9876", "1234")]
    [InlineData("The door code is 1234.", "Sorry, it's 9876.", "What is the door code?", "9876", "1234")]
    [InlineData("I live in Hamburg.", "Actually, I live in Bremen now.", "Where do I live?", "Bremen", "Hamburg")]
    public void A_correction_replaces_what_it_corrects(string fact, string correction, string question, string expected, string outdated)
    {
        var answer = new Conversation().Say(fact, "I have a kettle.", correction, "Thanks!").Ask(question);

        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.DoesNotContain(outdated, answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pronoun_leads_back_to_what_was_named_before()
    {
        var conversation = new Conversation().Say("I have a tortoise named Sheldon. He turned 40 in May.", "I like jazz.");

        Assert.Contains("40", conversation.Ask("How old is my tortoise?"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bare_answer_to_an_assistants_question_is_a_fact()
    {
        var conversation = new Conversation();
        conversation.Messages.Add(new(Microsoft.Extensions.AI.ChatRole.User, "Book me a table"));
        conversation.Messages.Add(new(Microsoft.Extensions.AI.ChatRole.Assistant, "Gladly. Which restaurant would you like?"));

        Assert.Contains("Trattoria Nonna", conversation.Say("Trattoria Nonna", "I like jazz.").Ask("Which restaurant did I choose?"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fact_and_a_question_may_share_a_message()
    {
        Assert.Contains("Ada", new Conversation().Ask("My name is Ada. What's my name?"), StringComparison.Ordinal);

        var conversation = new Conversation().Say("I keep bees.");
        Assert.Contains("bees", conversation.Ask("My name is Ada, what animals do I keep?"), StringComparison.Ordinal);
        Assert.Equal("Your name is Ada.", conversation.Ask("What's my name?"));
    }

    [Theory]
    [InlineData("Did you know that my uncle owns a vineyard?", "Who owns a vineyard?", "uncle")]
    [InlineData("Can you remember that my tent is in the attic?", "Where is my tent?", "attic")]
    [InlineData("By the way, please note that the gate closes at nine.", "When does the gate close?", "nine")]
    public void A_fact_wrapped_in_politeness_is_a_fact(string fact, string question, string expected) =>
        Assert.Contains(expected, new Conversation().Say(fact).Ask(question), StringComparison.Ordinal);

    [Fact]
    public void Questions_and_the_assistants_own_words_are_no_facts()
    {
        var conversation = new Conversation().Say("Is my name Bob?", "Do you think my car is pink?");
        conversation.Messages.Add(new(Microsoft.Extensions.AI.ChatRole.Assistant, "Your name is Mallory and your car is purple."));

        var answer = conversation.Ask("What is my name?");

        Assert.DoesNotContain("Bob", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Mallory", answer, StringComparison.Ordinal);
        Assert.Equal("You have not told me that yet.", answer);
    }

    [Fact]
    public void Words_that_flip_badly_are_quoted()
    {
        var answer = new Conversation().Say("My boss said \"I am your worst nightmare\" to me on Monday").Ask("What did my boss say?");

        Assert.Contains("I am your worst nightmare", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void When_no_fact_stands_out_all_of_them_are_named()
    {
        var answer = new Conversation().Say("I keep bees.", "I collect stamps.", "My shed leaks.").Ask("What should I tell my biographer?");

        Assert.Contains("bees", answer, StringComparison.Ordinal);
        Assert.Contains("stamps", answer, StringComparison.Ordinal);
        Assert.Contains("shed leaks", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_conversation_itself_can_be_asked_about()
    {
        var conversation = new Conversation().Say("Good morning! I keep bees.", "How many legs has a bee?", "My hive is yellow.");

        Assert.Contains("I keep bees", conversation.Ask("What did I say first?"), StringComparison.Ordinal);
        Assert.Contains("How many legs has a bee?", conversation.Ask("What was the first question I asked?"), StringComparison.Ordinal);
        var summary = conversation.Ask("Summarise our conversation, please");
        Assert.Contains("you keep bees", summary, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("your hive is yellow", summary, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(summary, conversation.Ask("Repeat that"));
        Assert.Contains("bees", conversation.Ask("What do you know about me?"), StringComparison.Ordinal);
    }
}
