using System.Diagnostics;
using System.Text;
using Gaia.Chat.Providers.Local;
using Microsoft.Extensions.AI;

namespace Gaia.Tests.Chat.Local;

public sealed class BoundsTests
{
    // Seconds here take milliseconds on an idle machine; anything worse than linear takes minutes.
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(20);

    public static TheoryData<string> OddInput => new()
    {
        "", " ", "\n\n\t", "?", "...", "🎉🎉🎉", "👩‍👩‍👧‍👦?", "\0\u0001\u0002", "\uD83D", "\uDE00 my name \uD83D is \uDC00?", "שלום, קוראים לי דנה. איך קוראים לי?", "مرحبا، اسمي ليلى. ما اسمي؟",
        "\u202Eevil\u202C?", "'", "\"", "“”", "(((((", "%%%%", "I", "I'm", "my", "remember:", "remember", "actually", "no, wait", "a\u0301\u0301\u0301\u0301", "1", "1/", "of of of", "^", "√",
        "; DROP TABLE users; --", "{{7*7}}", "<script>alert(1)</script>", "my my my my my", "I I I I I?", "𝕄𝕪 𝕟𝕒𝕞𝕖", "he said: ", "it's", "it's it's it's", "actually it's", "Call me", "I am", "กขค ชื่ออะไร",
    };

    [Theory]
    [MemberData(nameof(OddInput))]
    public void Odd_input_is_answered_in_every_place(string text)
    {
        Assert.NotEmpty(new Conversation().Ask(text));
        Assert.NotEmpty(new Conversation(text).Ask("Who are you? What is my name?"));
        Assert.NotEmpty(new Conversation().Say(text, text, "I keep bees.", text).Ask("What did I tell you? What did I say first? Summarise."));
    }

    [Fact]
    public async Task Odd_lists_of_messages_are_answered()
    {
        using var client = new LocalChatClient();
        ChatMessage[][] lists =
        [
            [],
            [new(ChatRole.System, "You are Mu.")],
            [new(ChatRole.Assistant, "Hello?")],
            [new(ChatRole.User, (string?)null)],
            [new(ChatRole.User, [new DataContent("data:image/png;base64,AAAA")])],
            [new(ChatRole.Tool, "42"), new(ChatRole.User, "hi"), new(ChatRole.Tool, "43")],
        ];
        foreach (var messages in lists)
            Assert.NotEmpty((await client.GetResponseAsync(messages)).Text);
    }

    [Fact]
    public void A_fact_among_thousands_of_messages_is_found_quickly()
    {
        var conversation = new Conversation("You are Mu.");
        for (var i = 0; i < 5000; i++)
        {
            conversation.Messages.Add(new(ChatRole.User, i == 17 ? "The spare key is under the blue flowerpot." : $"Item {i} of the inventory weighs {i * 7} grams and stands on shelf {i % 40}."));
            conversation.Messages.Add(new(ChatRole.Assistant, "Noted."));
        }
        var watch = Stopwatch.StartNew();

        Assert.Contains("blue flowerpot", conversation.Ask("Where is the spare key?"), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < Bearable, watch.Elapsed.ToString());
    }

    [Fact]
    public void A_message_of_a_megabyte_is_read_quickly_and_whole()
    {
        var text = new StringBuilder("My name is Ada. ");
        while (text.Length < 1 << 20)
        {
            if (text.Length is > 500_000 and < 500_100)
                text.Append("My canoe is called Heron. ");
            text.Append("The quick brown fox number ").Append(text.Length).Append(" jumps over the lazy dog. ");
        }
        text.Append("The launch code is tangerine.");
        var conversation = new Conversation();
        conversation.Messages.Add(new(ChatRole.User, text.ToString()));
        conversation.Messages.Add(new(ChatRole.Assistant, "I see."));
        var watch = Stopwatch.StartNew();

        Assert.Contains("tangerine", conversation.Ask("What is the launch code?"), StringComparison.Ordinal);
        Assert.Contains("Heron", conversation.Ask("What is my canoe called?"), StringComparison.Ordinal);
        Assert.Contains("Ada", conversation.Ask("What is my name?"), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < Bearable, watch.Elapsed.ToString());
    }

    [Theory]
    [InlineData('a')]
    [InlineData(' ')]
    [InlineData('(')]
    [InlineData('"')]
    [InlineData('.')]
    [InlineData('1')]
    [InlineData(',')]
    [InlineData('?')]
    [InlineData('漢')]
    public void A_megabyte_of_one_character_is_no_trouble(char c)
    {
        var watch = Stopwatch.StartNew();
        var conversation = new Conversation(new string(c, 1 << 20));

        Assert.NotEmpty(conversation.Ask(new string(c, 1 << 20)));
        var answer = conversation.Ask($"I keep bees {new string(c, 100_000)} and what did I say first?");
        Assert.InRange(answer.Length, 1, 10_000);
        Assert.True(watch.Elapsed < Bearable, watch.Elapsed.ToString());
    }
}
