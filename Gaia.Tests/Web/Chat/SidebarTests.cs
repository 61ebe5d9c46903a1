using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Chat;

[Collection(SharedServers.Name)]
public sealed class SidebarTests(ChatSite site) : IClassFixture<ChatSite>
{
    private const string Evil = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task A_conversation_is_renamed_pinned_archived_deleted_and_taken_back()
    {
        var (id, _) = await SayAsync("to be changed");
        var (other, _) = await SayAsync("the newer one");

        var form = await site.Alice.FragmentAsync("GET", $"/api/conversations/{id}/title");
        Assert.Equal("to be changed", form.QuerySelector("input[name=title]")!.GetAttribute("value"));
        var renamed = await site.Alice.FragmentAsync("PATCH", $"/api/conversations/{id}", new { title = $"renamed {Evil}" }, on: $"/chat/{id}");
        Assert.Equal($"renamed {Evil}", renamed.QuerySelector(".gaia-conversation-title")!.TextContent.Trim());
        Assert.Equal($"renamed {Evil}", renamed.QuerySelector("#chat-title")!.TextContent);
        Assert.Null(renamed.QuerySelector("img"));

        var pinned = await site.Alice.FragmentAsync("PATCH", $"/api/conversations/{id}", new { pinned = "true" });
        Assert.Equal(id, pinned.QuerySelector("[data-conversation]")!.GetAttribute("data-conversation"));
        Assert.NotNull(pinned.QuerySelector("[aria-label=Pinned]"));
        await site.Alice.FragmentAsync("PATCH", $"/api/conversations/{id}", new { pinned = "false" });

        var without = await site.Alice.FragmentAsync("PATCH", $"/api/conversations/{id}", new { archived = "true" });
        Assert.Null(without.GetElementById($"conversation-{id}"));
        Assert.NotNull((await site.Alice.FragmentAsync("GET", "/api/conversations?archived=true")).GetElementById($"conversation-{id}"));
        await site.Alice.FragmentAsync("PATCH", $"/api/conversations/{id}", new { archived = "false" });

        using var response = await site.Alice.HtmxAsync("DELETE", $"/api/conversations/{id}", on: $"/chat/{id}");
        var deleted = await Browser.ParseAsync(response);
        Assert.Equal("/chat", response.Headers.GetValues("HX-Push-Url").Single());
        Assert.NotNull(deleted.GetElementById("welcome-message"));
        var undo = deleted.QuerySelector("[data-undo] [hx-post]")!.GetAttribute("hx-post")!;
        Assert.Null((await site.Alice.FragmentAsync("GET", "/api/conversations")).GetElementById($"conversation-{id}"));
        using (var gone = await site.Alice.GetAsync($"/chat/{id}"))
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);

        using (var restored = await site.Alice.HtmxAsync("POST", undo, on: "/chat"))
        {
            Assert.Contains($"/chat/{id}", restored.Headers.GetValues("HX-Location").Single(), StringComparison.Ordinal);
            Assert.Equal("conversations-changed", restored.Headers.GetValues("HX-Trigger").Single());
        }

        Assert.NotNull((await site.Alice.FragmentAsync("GET", "/api/conversations")).GetElementById($"conversation-{id}"));

        // One that is not open goes without changing the page.
        using var elsewhere = await site.Alice.HtmxAsync("DELETE", $"/api/conversations/{other}", on: $"/chat/{id}");
        Assert.False(elsewhere.Headers.Contains("HX-Push-Url"));
        Assert.Null((await Browser.ParseAsync(elsewhere)).GetElementById("welcome-message"));
    }

    [Fact]
    public async Task The_list_comes_in_pages()
    {
        var (id, _) = await SayAsync("one of many");
        await NativeServers.QueryAsync<Guid>(site.Database, $"""
            INSERT INTO conversations (id, user_id, title, is_active, created_at, updated_at)
            SELECT gen_random_uuid(), user_id, 'copy ' || i, true, created_at, created_at - i * interval '1 minute' FROM conversations, generate_series(1, 70) AS i
            WHERE id = '{id}' RETURNING id
            """);

        var found = new List<string>();
        for (var next = "/api/conversations"; next is not null;)
        {
            var page = await site.Alice.FragmentAsync("GET", next);
            found.AddRange(page.QuerySelectorAll("[data-conversation]").Select(item => item.GetAttribute("data-conversation")!));
            next = page.QuerySelector(".conversation-more")?.GetAttribute("hx-get");
            Assert.True(found.Count < 200);
        }

        Assert.True(found.Count > 70);
        Assert.Equal(found.Count, found.Distinct().Count());
    }

    [Fact]
    public async Task Search_finds_conversations_and_messages_and_marks_the_words_as_text()
    {
        site.Provider.Reply($"The armadillo {Evil} sleeps.");
        var (id, answer) = await site.Alice.SayAsync("about animals");

        var found = await site.Alice.FragmentAsync("GET", "/api/search-conversations?query=armadillo");
        Assert.Equal("1 result for \"armadillo\"", found.GetElementById("search-status")!.TextContent);
        Assert.Equal($"/chat/{id}?message={answer}", found.QuerySelector("a")!.GetAttribute("href"));
        Assert.Equal("armadillo", found.QuerySelector("mark")!.TextContent);
        Assert.Contains(Evil, found.QuerySelector(".conversation-snippet")!.TextContent, StringComparison.Ordinal);
        Assert.Null(found.QuerySelector("img"));

        Assert.Equal("0 results for \"<b>nothing\"", (await site.Alice.FragmentAsync("GET", "/api/search-conversations?query=%3Cb%3Enothing")).GetElementById("search-status")!.TextContent);
        Assert.NotNull((await site.Alice.FragmentAsync("GET", "/api/search-conversations?query=")).QuerySelector("[data-conversation]"));
        Assert.Equal("0 results for \"armadillo\"", (await site.Bob.FragmentAsync("GET", "/api/search-conversations?query=armadillo")).GetElementById("search-status")!.TextContent);
    }

    [Fact]
    public async Task A_conversation_is_shared_by_a_link_until_it_is_revoked()
    {
        site.Provider.Reply("**Shared** answer <script>alert(1)</script>");
        var (id, _) = await site.Alice.SayAsync("to share <b>");

        var dialog = await site.Alice.FragmentAsync("POST", $"/chat/{id}/share", new { hours = "24" });
        var link = new Uri(dialog.GetElementById("share-url")!.GetAttribute("value")!);
        var page = await site.Anonymous.PageAsync(link.PathAndQuery);
        Assert.Equal("to share <b>", page.QuerySelector(".gaia-message-user .message-text")!.TextContent);
        Assert.Equal("Shared", page.QuerySelector(".gaia-message-assistant strong")!.TextContent);
        Assert.Null(page.QuerySelector("main script"));

        var listed = await site.Alice.FragmentAsync("GET", $"/chat/{id}/share");
        Assert.Null(listed.GetElementById("share-url"));
        var revoke = listed.QuerySelector("[hx-delete]")!.GetAttribute("hx-delete")!;
        Assert.Null((await site.Alice.FragmentAsync("DELETE", revoke)).QuerySelector("[hx-delete]"));
        using var gone = await site.Anonymous.GetAsync(link.PathAndQuery);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Theory]
    [InlineData("markdown", "text/markdown", ".md")]
    [InlineData("json", "application/json", ".json")]
    public async Task A_conversation_is_downloaded(string format, string type, string extension)
    {
        var (id, _) = await SayAsync("to keep");

        using var file = await site.Alice.GetAsync($"/chat/{id}/export?format={format}");

        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        Assert.Equal(type, file.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith(extension, file.Content.Headers.ContentDisposition!.FileName!.Trim('"'), StringComparison.Ordinal);
        Assert.Contains("to keep", await file.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<(string Conversation, string Answer)> SayAsync(string message)
    {
        site.Provider.Reply("ok");
        return site.Alice.SayAsync(message);
    }
}
