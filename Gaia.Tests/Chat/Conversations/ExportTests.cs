using System.Text.Json;
using Gaia.Tests.Infrastructure;
using static Gaia.Tests.Chat.Conversations.ConversationCalls;

namespace Gaia.Tests.Chat.Conversations;

[Collection(SharedServers.Name)]
public sealed class ExportTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task Json_has_the_conversation_with_its_messages_as_the_API_has_them()
    {
        fixture.Provider.Reply("naïve <answer> 😀");
        var id = await fixture.Alice.SayAsync("a question");
        var (_, text) = await ExportAsync(id, "json");

        var export = JsonDocument.Parse(text).RootElement;
        Assert.Equal(["id", "title", "created_at", "updated_at", "messages"], export.EnumerateObject().Select(member => member.Name));
        Assert.Equal((id, "a question"), (export.Text("id"), export.Text("title")));
        var messages = (await fixture.Alice.GetAsync($"{Root}/{id}/messages")).GetProperty("messages");
        Assert.True(JsonElement.DeepEquals(messages, export.GetProperty("messages")), text);
        Assert.Contains("naïve", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Markdown_stays_intact_whatever_a_message_holds()
    {
        var id = await fixture.Alice.CreateAsync("Fences *and* such");
        string[] contents = ["```python\nprint('never closed')\n# a comment", "## User\r\n\r\n<!-- never closed", "~~~~\n```\n"];
        foreach (var content in contents)
            await fixture.Alice.AddAsync(id, "assistant", content);
        await fixture.Alice.AddAsync(id, "user", "the end");
        var (_, text) = await ExportAsync(id, "markdown");

        Assert.StartsWith("# Fences \\*and\\* such\n", text, StringComparison.Ordinal);
        var lines = text.Split('\n');
        // Outside of quotations there is nothing but what the export itself says.
        Assert.Equal(["# Fences \\*and\\* such", "## Assistant", "## Assistant", "## Assistant", "## User"], lines.Where(line => line.StartsWith('#')));
        Assert.All(lines, line => Assert.True(line.Length == 0 || line[0] is '#' or '>' or '*' || line.StartsWith("Begun ", StringComparison.Ordinal), line));
        // And in them every line as it was.
        var quoted = lines.Where(line => line.StartsWith('>')).Select(line => line.Length > 1 ? line[2..] : "");
        Assert.Equal([.. contents.SelectMany(content => content.ReplaceLineEndings("\n").Split('\n')), "the end"], quoted);
    }

    [Theory]
    [InlineData("Plans", "Plans.md", "Plans.md")]
    [InlineData("../../etc/passwd\r\nX-Evil: 1\"; a=b", "etc-passwd-X-Evil-1-a-b.md", "etc-passwd-X-Evil-1-a-b.md")]
    [InlineData("Frühstück 朝", null, "Frühstück-朝.md")]
    [InlineData("???", "conversation.md", "conversation.md")]
    public async Task The_file_has_a_name_that_is_safe_everywhere(string title, string? ascii, string name)
    {
        var id = await fixture.Alice.CreateAsync(title);
        var (response, _) = await ExportAsync(id, "markdown");
        using (response)
        {
            var disposition = response.Content.Headers.ContentDisposition!;
            Assert.Equal(("attachment", name), (disposition.DispositionType, disposition.FileNameStar));
            if (ascii is not null)
                Assert.Equal(ascii, disposition.FileName?.Trim('"'));
            Assert.All(disposition.ToString(), character => Assert.InRange(character, ' ', '~'));
            Assert.Equal("text/markdown", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task A_conversation_of_many_parts_is_exported_whole_and_in_order()
    {
        var id = await fixture.Alice.CreateAsync("large");
        await NativeServers.ExecuteAsync(fixture.Database, $"""
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
            SELECT gen_random_uuid(), user_id, id, 'user', 'message ' || i || repeat(' x', CASE WHEN i % 500 = 0 THEN 1000000 ELSE 1 END), created_at + i * interval '1 millisecond'
            FROM conversations, generate_series(1, 4500) AS i WHERE id = '{id}'
            """);

        var (_, text) = await ExportAsync(id, "json");
        Assert.Equal(
            Enumerable.Range(1, 4500),
            JsonDocument.Parse(text).RootElement.GetProperty("messages").EnumerateArray().Select(message => int.Parse(message.Text("content").Split(' ')[1], null)));
    }

    [Fact]
    public async Task Only_the_owner_exports_and_in_a_known_format()
    {
        var id = await fixture.Alice.CreateAsync("private");
        Assert.Equal(404, (await fixture.Bob.SendAsync("GET", $"{Root}/{id}/export")).Status);
        var (status, body) = await fixture.Alice.SendAsync("GET", $"{Root}/{id}/export?format=pdf");
        Assert.Equal(422, status);
        Assert.Contains("format must be markdown or json", body.GetRawText(), StringComparison.Ordinal);
    }

    private async Task<(HttpResponseMessage Response, string Text)> ExportAsync(string id, string format)
    {
        var response = await fixture.Alice.Client.GetAsync($"{Root}/{id}/export?format={format}");
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}");
        return (response, await response.Content.ReadAsStringAsync());
    }
}
