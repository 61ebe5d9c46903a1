using Gaia.Web.Chat.Markdown;

namespace Gaia.Tests.Web.Chat;

public sealed class BlockSplitterTests
{
    private const string Text = "First.\n\nSecond\nline.\n\n- one\n\n- two\n\n  still two\n\n```js\na\n\nb\n```\n\n$$\nx\n\ny\n$$\n\nThe end";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Cuts_a_text_that_is_being_written_between_its_blocks_and_loses_nothing(int size)
    {
        var splitter = new BlockSplitter();
        var blocks = new List<string>();
        for (var at = 0; at < Text.Length; at += size)
        {
            if (splitter.Add(Text.Substring(at, Math.Min(size, Text.Length - at))) is { } complete)
                blocks.Add(complete);
        }

        Assert.Equal(Text, string.Concat(blocks) + splitter.Rest);
        Assert.Equal("The end", splitter.Rest);
        // No block of code and no formula is cut in two.
        Assert.All(blocks, block => Assert.Equal(0, block.Split("```").Length % 2 - 1));
        Assert.All(blocks, block => Assert.Equal(0, block.Split("$$").Length % 2 - 1));
        if (size == 1)
            Assert.Equal(["First.\n\n", "Second\nline.\n\n", "- one\n\n", "- two\n\n  still two\n\n", "```js\na\n\nb\n```\n\n", "$$\nx\n\ny\n$$\n\n"], blocks);
    }

    [Fact]
    public void Holds_no_more_than_the_block_that_is_open()
    {
        var splitter = new BlockSplitter();
        for (var i = 0; i < 1000; i++)
        {
            splitter.Add($"Paragraph {i}.\n\n");
            Assert.True(splitter.Rest.Length < 40);
        }
    }
}
