namespace Gaia.Tests.Chat.Local;

public sealed class PersonaTests
{
    private const string Mu = "You are Mu, a cheerful robot companion designed to help. You may say \"Beep boop\" or \"Bleep bloop\" now and then.\n\n{tools_section}";

    [Theory]
    [InlineData("Who are you?")]
    [InlineData("What's your name?")]
    [InlineData("Are you a human?")]
    [InlineData("introduce yourself")]
    [InlineData("Which model are you running on?")]
    public void Asked_who_it_is_it_names_its_persona_and_what_it_really_is(string question)
    {
        var answer = new Conversation(Mu).Ask(question);

        Assert.Contains("Mu", answer, StringComparison.Ordinal);
        Assert.Contains("cheerful robot companion", answer, StringComparison.Ordinal);
        Assert.Contains("Gaia's built-in offline model", answer, StringComparison.Ordinal);
        Assert.Contains("not a large language model", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hello!")]
    [InlineData("Who are you?")]
    public void It_uses_its_personas_phrases(string message)
    {
        var answer = new Conversation(Mu).Ask(message);

        Assert.True(answer.Contains("Beep boop", StringComparison.Ordinal) || answer.Contains("Bleep bloop", StringComparison.Ordinal), answer);
        Assert.DoesNotContain("tools_section", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("You are a helpful pirate captain named Redbeard.", "Redbeard")]
    [InlineData("Your name is Sage. You answer briefly.", "Sage")]
    [InlineData("You're Professor Lindqvist, an expert in moss.", "Professor Lindqvist")]
    [InlineData("Act as Hal. Stay calm.", "Hal")]
    public void A_name_is_found_however_the_prompt_gives_it(string prompt, string name) =>
        Assert.Contains($"I'm {name}", new Conversation(prompt).Ask("Who are you?"), StringComparison.Ordinal);

    [Fact]
    public void What_the_prompt_says_of_it_is_said_of_itself() =>
        Assert.Equal("My favourite planet is Saturn.", new Conversation("You are Lyra. Your favourite planet is Saturn.").Ask("What's your favourite planet?"));

    [Fact]
    public void A_question_about_itself_is_not_answered_with_the_users_facts() =>
        Assert.DoesNotContain("34", new Conversation().Say("I am 34 years old.").Ask("How old are you?"), StringComparison.Ordinal);

    [Fact]
    public void Fixed_openings_and_closings_are_kept()
    {
        var answer = new Conversation("You are Bo. Always begin with \"Ahoy\" and always end with \"Over and out.\"").Ask("What is 2 + 2?");

        Assert.StartsWith("Ahoy", answer, StringComparison.Ordinal);
        Assert.EndsWith("Over and out.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Manner_differs_with_the_persona()
    {
        Assert.NotEqual(new Conversation("You are Ann, a formal butler.").Ask("Thanks!"), new Conversation("You are Ann, a bubbly clown.").Ask("Thanks!"));
    }

    [Fact]
    public void Without_a_persona_it_says_what_it_is() =>
        Assert.StartsWith("I'm Gaia's built-in offline model", new Conversation().Ask("who are you?"), StringComparison.Ordinal);

    [Fact]
    public void It_says_once_how_to_get_a_language_model()
    {
        var conversation = new Conversation();

        Assert.Contains("OPENAI_API_KEY or ANTHROPIC_API_KEY", conversation.Ask("Who won the 1954 World Cup?"), StringComparison.Ordinal);
        Assert.DoesNotContain("API_KEY", conversation.Ask("Write me a poem about rain"), StringComparison.Ordinal);
        Assert.DoesNotContain("API_KEY", conversation.Ask("Who wrote Hamlet?"), StringComparison.Ordinal);
    }

    [Fact]
    public void It_greets_by_name_and_is_polite()
    {
        var conversation = new Conversation(Mu).Say("My name is Ada.");

        Assert.Contains("Ada", conversation.Ask("Hi again"), StringComparison.Ordinal);
        Assert.Contains("welcome", conversation.Ask("Thank you so much!"), StringComparison.Ordinal);
        Assert.Contains("Bye", conversation.Ask("bye"), StringComparison.Ordinal);
    }
}
