using System.Text.Json;
using Gaia.Tests.Infrastructure;
using static Gaia.Tests.Chat.Conversations.ConversationCalls;

namespace Gaia.Tests.Chat.Conversations;

[Collection(SharedServers.Name)]
public sealed class SearchTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task Titles_and_messages_are_searched_and_the_best_comes_first()
    {
        var spoken = await TalkAsync("Weekend", "We saw a heron by the river, and it was a fine day.");
        var often = await TalkAsync("Birds", "heron heron heron");
        var titled = await TalkAsync("The heron", "It stood still.");
        var absent = await TalkAsync("Weather", "It rained.");

        var found = (await FindAsync("heron")).Ids();
        Assert.Equal([titled, often, spoken], found);
        Assert.DoesNotContain(absent, found);
        Assert.Equal(found, (await fixture.Alice.GetAsync($"{Root}/search/heron")).Ids());
    }

    [Theory]
    [InlineData("quokka marmalade", true)]
    [InlineData("MARMALADE Quokka", true)]
    [InlineData("quokka marm", true)]
    [InlineData("\"quokka eats\"", true)]
    [InlineData("\"eats quokka\"", false)]
    [InlineData("quokka -marmalade", false)]
    [InlineData("quokka -marm", true)]
    [InlineData("-marm quokka", true)]
    [InlineData("quokka - marm", true)]
    [InlineData("quokka -(marm", true)]
    [InlineData("quokka -marm ...", true)]
    [InlineData("quokka -\"eats marm\"", true)]
    [InlineData("quokka -giraffe marm", true)]
    [InlineData("quokka \"marm\"", false)]
    [InlineData("\"marm\" quokka", false)]
    [InlineData("quokka \"marm\" ?", false)]
    [InlineData("quokka \"eats marm", false)]
    [InlineData("\"eats\"marm", true)]
    [InlineData("quokka giraffe", false)]
    [InlineData("giraffe or \"quok\"", false)]
    [InlineData("giraffe or quok", true)]
    [InlineData("giraffe or quokka", true)]
    [InlineData("Frühstück", true)]
    [InlineData("завтра", true)]
    [InlineData("朝ごはん", true)]
    [InlineData("ごはん", true)]
    [InlineData("夕食", false)]
    [InlineData("reakfas", true)]
    [InlineData("100%", true)]
    [InlineData("1_0", false)]
    [InlineData("%", true)]
    [InlineData("!!!", false)]
    [InlineData("' OR 1=1 --", false)]
    [InlineData("-\"quokka eats\"", false)]
    public async Task Words_of_all_languages_parts_and_operators_find_what_they_say(string query, bool finds)
    {
        var id = await TalkAsync("Breakfast 100%", "The quokka eats marmalade. Das Frühstück war gut. Завтрак готов. 今日の朝ごはんは美味しい。");
        var found = (await FindAsync(query)).Ids();
        Assert.Equal(finds, found.Contains(id));
    }

    [Fact]
    public async Task A_snippet_is_plain_text_with_the_places_of_what_was_found()
    {
        const string text = "before \uE000<script>alert(1)</script> & <b>narwhal</b> \"quoted\" \uE001 after the narwhals came";
        var id = await TalkAsync("Sea", text);
        var messages = await fixture.Alice.MessageIdsAsync(id);

        var found = Assert.Single((await FindAsync("narwhal")).GetProperty("conversations").EnumerateArray());
        Assert.Equal(messages[0], found.Text("message_id"));
        var snippet = found.GetProperty("snippet");
        var shown = snippet.Text("text");
        Assert.Equal(
            ["narwhal", "narwhals"],
            snippet.GetProperty("matches").EnumerateArray().Select(match => shown.Substring(match.GetProperty("start").GetInt32(), match.GetProperty("length").GetInt32())));
        Assert.DoesNotContain('\uE000', shown);
        Assert.Contains("\"quoted\"", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snippet_of_a_language_without_spaces_has_its_place_too()
    {
        await TalkAsync("Night", "とても長い一日のあと、満月が出ていました。");
        var snippet = Assert.Single((await FindAsync("満月")).GetProperty("conversations").EnumerateArray()).GetProperty("snippet");
        var match = Assert.Single(snippet.GetProperty("matches").EnumerateArray());
        Assert.Equal("満月", snippet.Text("text").Substring(match.GetProperty("start").GetInt32(), match.GetProperty("length").GetInt32()));
    }

    [Fact]
    public async Task Nothing_is_found_of_others_or_of_what_is_deleted()
    {
        var id = await TalkAsync("Axolotl", "axolotl");
        Assert.Empty((await fixture.Bob.GetAsync($"{Root}/search?query=axolotl")).Ids());
        await fixture.Alice.SendAsync("DELETE", $"{Root}/{id}");
        Assert.Empty((await FindAsync("axolotl")).Ids());
        await fixture.Alice.SendAsync("POST", $"{Root}/{id}/restore");
        Assert.Equal([id], (await FindAsync("axolotl")).Ids());
    }

    [Fact]
    public async Task Found_ones_come_in_pages()
    {
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
            made.Add(await TalkAsync($"Page {i}", string.Concat(Enumerable.Repeat("pangolin ", i % 3 + 1))));
        var pages = await fixture.Alice.PagesAsync($"{Root}/search?query=pangolin&limit=2");
        Assert.Equal([2, 2, 1], pages.Select(page => page.Count));
        Assert.Equal((await FindAsync("pangolin")).Ids(), pages.SelectMany(page => page));
        Assert.Equal(made.Order(), pages.SelectMany(page => page).Order());
    }

    [Theory]
    [InlineData("", "query is missing")]
    [InlineData("?query=%20", "query is missing")]
    [InlineData("?query=x&limit=51", "limit must be between 1 and 50")]
    [InlineData("?query=x&cursor=zzz", "cursor must be")]
    [InlineData("?query=%00", "valid Unicode")]
    public async Task A_wrong_search_is_refused(string query, string text)
    {
        var (status, body) = await fixture.Alice.SendAsync("GET", $"{Root}/search{query}");
        Assert.Equal(422, status);
        Assert.Contains(text, body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_the_greatest_length_is_kept_and_found_by_its_beginning()
    {
        var words = string.Join(' ', Enumerable.Range(0, 60_000).Select(i => $"w{i:x}-{i}"));
        var id = await TalkAsync("Huge", $"capybara {words}");
        Assert.Equal([id], (await FindAsync("capybara")).Ids());
    }

    private Task<JsonElement> FindAsync(string query) => fixture.Alice.GetAsync($"{Root}/search?query={Uri.EscapeDataString(query)}");

    private async Task<string> TalkAsync(string title, string message)
    {
        var id = await fixture.Alice.CreateAsync(title);
        await fixture.Alice.AddAsync(id, "user", message);
        return id;
    }
}
