using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Gaia.Chat.Streaming;

namespace Gaia.Tests.Chat.Streaming;

/// <summary>Contract 3: words never split, directives whole, all chunks together the input, however it was cut.</summary>
public sealed partial class StreamBufferTests
{
    private const string Pause = """{"m":"pause","p":{"secs":1.5}}""";

    /// <summary>The pieces, and the chunks that they and their end make.</summary>
    public static TheoryData<ChunkMode, string[], string[]> Vectors { get; } = new()
    {
        { ChunkMode.Phrase, ["Hello"], ["Hello"] },
        { ChunkMode.Phrase, ["Hel", "lo wor", "ld"], ["Hello ", "world"] },
        { ChunkMode.Phrase, ["Hello world "], ["Hello world "] },
        { ChunkMode.Phrase, ["Hello world. How are"], ["Hello world. ", "How ", "are"] },
        { ChunkMode.Phrase, ["One: two; three"], ["One: ", "two; ", "three"] },
        { ChunkMode.Sentence, ["One: two; three"], ["One: two; ", "three"] },
        { ChunkMode.Sentence, ["Is it? Yes! It \"is.\" Really"], ["Is it? ", "Yes! ", "It \"is.\" ", "Really"] },
        { ChunkMode.Phrase, ["First\nsecond line"], ["First\n", "second ", "line"] },
        { ChunkMode.Sentence, ["First\nsecond line"], ["First\nsecond ", "line"] },
        { ChunkMode.Phrase, ["a\r", "\nb"], ["a\r\n", "b"] },
        { ChunkMode.Phrase, ["One. Two. "], ["One. Two. "] },
        { ChunkMode.Phrase, ["Pi is 3.", "14 and", " more"], ["Pi is ", "3.14 ", "and ", "more"] },
        { ChunkMode.Phrase, ["Pi is 3.", "14 and", " so on"], ["Pi is ", "3.14 ", "and so ", "on"] },
        { ChunkMode.Phrase, ["see https://example.com/a?b=1, now"], ["see https://example.com/a?b=1, ", "now"] },
        { ChunkMode.Phrase, ["ends. ", " ", "Then"], ["ends. ", " ", "Then"] },
        { ChunkMode.Phrase, [Pause], [Pause] },
        { ChunkMode.Phrase, [$"Wait. {Pause} Then go"], ["Wait. ", Pause, " Then ", "go"] },
        { ChunkMode.Phrase, [$"One. Two. {Pause}"], ["One. Two. ", Pause] },
        { ChunkMode.Phrase, [$"word{Pause}other"], ["word", Pause, "other"] },
        { ChunkMode.Phrase, [$"{Pause}{Pause}"], [Pause, Pause] },
        { ChunkMode.Phrase, ["wo", "rd{", " \"m\"\t:\n \"x\" ", ", \"p\": {\"t\": \"a } b { c\"}", "} more text."], ["word", "{ \"m\"\t:\n \"x\" , \"p\": {\"t\": \"a } b { c\"}}", " more ", "text."] },
        { ChunkMode.Phrase, ["{\"m\":\"say\",\"p\":\"\\\"}\\\\\"}after"], ["{\"m\":\"say\",\"p\":\"\\\"}\\\\\"}", "after"] },
        { ChunkMode.Phrase, ["{\"m\":1} is none"], ["{\"m\":1} is ", "none"] },
        { ChunkMode.Phrase, ["{\"mm\":\"x\"} {\"n\":\"y\"} end"], ["{\"mm\":\"x\"} {\"n\":\"y\"} ", "end"] },
        { ChunkMode.Phrase, ["{\"", "m\"", ":", "7}", " x"], ["{\"m\":7} ", "x"] },
        { ChunkMode.Phrase, ["a {{\"m\":\"x\"} b"], ["a {", "{\"m\":\"x\"}", " ", "b"] },
        { ChunkMode.Phrase, ["cut {\"m\":\"off", " here"], ["cut ", "{\"m\":\"off here"] },
        { ChunkMode.Phrase, ["a {", "}"], ["a ", "{}"] },
        { ChunkMode.Phrase, ["你好。世界"], ["你好。世界"] },
        { ChunkMode.Phrase, ["", ""], [] },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Pieces_become_these_chunks(ChunkMode mode, string[] pieces, string[] chunks)
    {
        Assert.Equal(chunks, Chunks(mode, pieces).Select(chunk => chunk.Text));
    }

    [Theory]
    [InlineData(ChunkMode.Sentence)]
    [InlineData(ChunkMode.Phrase)]
    public void However_text_is_cut_its_chunks_are_the_text_its_words_and_directives_whole(ChunkMode mode)
    {
        var random = new Random(20261121);
        for (var round = 0; round < 5000; round++)
        {
            var (text, directives) = RandomText(random);
            var pieces = Cut(random, text);
            var chunks = Chunks(mode, pieces);
            var place = $"round {round}: {string.Join('|', pieces)}";
            Assert.True(text == string.Concat(chunks.Select(chunk => chunk.Text)), place);
            Assert.True(chunks.All(chunk => chunk.Text.Length > 0), place);

            var ends = new HashSet<int>();
            var at = 0;
            foreach (var chunk in chunks)
                ends.Add(at += chunk.Text.Length);
            foreach (var (start, length) in directives)
            {
                Assert.True(start == 0 || ends.Contains(start), place);
                Assert.True(ends.Contains(start + length), place);
                Assert.False(ends.Any(end => end > start && end < start + length), place);
            }

            foreach (var end in ends.Where(end => end < text.Length && !directives.Any(item => item.Start == end || item.Start + item.Length == end)))
                Assert.True(text[end - 1] is ' ' or '\t' or '\n', $"{place}: a word is split at {end}");
        }
    }

    [Fact]
    public void Nothing_is_held_back_but_the_word_or_directive_that_the_text_ends_in()
    {
        var random = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            var (text, directives) = RandomText(random);
            var buffer = new StreamBuffer(ChunkMode.Phrase);
            var given = 0;
            for (var at = 0; at < text.Length; at++)
            {
                buffer.Append(text.AsSpan(at, 1));
                while (buffer.TryTake(out var chunk))
                    given += chunk.Length;
                var held = text[given..(at + 1)];
                var isInDirective = directives.Any(item => item.Start <= at && at < item.Start + item.Length && item.Start >= given - 1);
                Assert.True(isInDirective || PossibleStart().IsMatch(held) || !held.Any(c => c is ' ' or '\t' or '\n'), $"round {round}: held back \"{held}\"");
            }
        }
    }

    [Fact]
    public void A_word_beyond_the_limit_goes_on_in_parts_that_split_no_surrogate_pair()
    {
        var text = string.Concat(Enumerable.Repeat("a😀", 1000));
        foreach (var size in new[] { 1, 2, 3, 7, 500, 3000 })
        {
            var chunks = Chunks(ChunkMode.Phrase, [.. text.Chunk(size).Select(part => new string(part))]);
            Assert.Equal(text, string.Concat(chunks.Select(chunk => chunk.Text)));
            Assert.All(chunks, chunk => Assert.InRange(chunk.Text.Length, 1, StreamBuffer.MaxWord + size));
            Assert.All(chunks, chunk => Assert.Equal(chunk.Text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(chunk.Text))));
        }
    }

    [Fact]
    public void Text_without_spaces_between_words_is_not_held_back()
    {
        var buffer = new StreamBuffer(ChunkMode.Sentence);
        buffer.Append("今日は");
        Assert.True(buffer.TryTake(out var chunk));
        Assert.Equal("今日は", chunk.ToString());
    }

    [Fact]
    public void What_never_becomes_a_directive_is_text_once_the_limit_is_reached()
    {
        var text = "before {\"m\":\"" + string.Concat(Enumerable.Repeat("word {\"m\":\" ", StreamBuffer.MaxDirective / 8));
        foreach (var size in new[] { 1, 1000, text.Length })
        {
            var chunks = Chunks(ChunkMode.Phrase, [.. text.Chunk(size).Select(part => new string(part))]);
            Assert.Equal(text, string.Concat(chunks.Select(chunk => chunk.Text)));
            Assert.All(chunks[..^1], chunk => Assert.InRange(chunk.Text.Length, 1, StreamBuffer.MaxDirective + size));
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"m\":\"")]
    [InlineData("{\"m\" ")]
    [InlineData("{ ")]
    [InlineData("x")]
    [InlineData("a. ")]
    public void The_work_is_in_proportion_to_the_text(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 2_000_000 / unit.Length));
        var started = Stopwatch.GetTimestamp();
        var buffer = new StreamBuffer(ChunkMode.Phrase);
        var given = 0;
        for (var at = 0; at < text.Length; at++)
        {
            buffer.Append(text.AsSpan(at, 1));
            while (buffer.TryTake(out var chunk))
                given += chunk.Length;
        }

        buffer.Complete();
        while (buffer.TryTake(out var chunk))
            given += chunk.Length;

        Assert.Equal(text.Length, given);
        // A quadratic one needs minutes.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
    }

    private static List<(string Text, int Piece)> Chunks(ChunkMode mode, IReadOnlyList<string> pieces)
    {
        var chunks = new List<(string, int)>();
        var buffer = new StreamBuffer(mode);
        for (var i = 0; i < pieces.Count; i++)
        {
            buffer.Append(pieces[i]);
            while (buffer.TryTake(out var chunk))
                chunks.Add((chunk.ToString(), i));
        }

        buffer.Complete();
        while (buffer.TryTake(out var chunk))
            chunks.Add((chunk.ToString(), pieces.Count));
        return chunks;
    }

    private static (string Text, List<(int Start, int Length)> Directives) RandomText(Random random)
    {
        string[] words = ["a", "word", "Hällo", "3.14", "e.g.", "well...", "x:y", "1,000", "end.", "why?", "no!", "so;", "\"quoted.\"", "😀", "{", "}", "{}", "{\"n\":\"m\"}", "{\"m\":1}", "{\"m\"", "\"", "\\"];
        string[] spaces = [" ", " ", "  ", "\n", "\r\n", "\t", "\n\n"];
        string[] made = [Pause, "{ \"m\" : \"say\" }", "{\"m\":\"x\",\"p\":{\"t\":\"} { \\\" \\\\\",\"n\":{}}}", "{\"m\":\"\"}", "{\n\t\"m\":\"ä😀 b\"}"];
        var text = new StringBuilder();
        var directives = new List<(int, int)>();
        for (var parts = random.Next(1, 12); parts > 0; parts--)
        {
            if (random.Next(4) == 0)
            {
                var directive = made[random.Next(made.Length)];
                directives.Add((text.Length, directive.Length));
                text.Append(directive);
            }
            else
            {
                text.Append(words[random.Next(words.Length)]);
            }

            // Some touch.
            if (random.Next(3) > 0)
                text.Append(spaces[random.Next(spaces.Length)]);
        }

        return (text.ToString(), directives);
    }

    private static List<string> Cut(Random random, string text)
    {
        var pieces = new List<string>();
        var longest = random.Next(1, 20);
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(random.Next(1, longest + 1), text.Length - at);
            pieces.Add(text.Substring(at, length));
            at += length;
        }

        return pieces;
    }

    [GeneratedRegex(@"^[^ \t\n]*\{\s*(""m?(""\s*(:\s*)?)?)?$")]
    private static partial Regex PossibleStart();
}
