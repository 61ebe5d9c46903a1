using System.Globalization;
using System.Net;
using System.Text.Json;
using AngleSharp.Dom;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Chat;

[Collection(SharedServers.Name)]
public sealed class ChatPageTests(ChatSite site) : IClassFixture<ChatSite>
{
    private static readonly string[] Ids =
    [
        "chat-form", "chat-message-input", "chat-send-button", "conversation-id-input", "messages", "welcome-message", "main-content", "conversation-list",
        "search-input", "search-status", "loading-indicator", "toast-container", "sidebar", "sidebar-toggle", "sidebar-overlay", "user-menu",
    ];

    [Fact]
    public async Task The_page_has_the_elements_of_the_contract_and_htmx_gets_only_the_fragment()
    {
        var page = await site.Alice.PageAsync("/chat");

        Assert.All(Ids, id => Assert.NotNull(page.GetElementById(id)));
        Assert.False(page.GetElementById("main-content")!.Contains(page.GetElementById("loading-indicator")!));
        Assert.Contains("Welcome back", page.QuerySelector("#welcome-message")!.TextContent, StringComparison.Ordinal);
        var form = page.QuerySelector("#chat-form")!;
        Assert.Equal("/api/chat/send", form.GetAttribute("hx-post"));
        Assert.Equal("#messages", form.GetAttribute("hx-target"));
        Assert.Equal("beforeend", form.GetAttribute("hx-swap"));
        Assert.Equal("#chat-send-button, #chat-message-input", form.GetAttribute("hx-disabled-elt"));
        Assert.Equal("Message Gaia...", page.QuerySelector("#chat-message-input")!.GetAttribute("placeholder"));
        Assert.NotNull(page.QuerySelector("#chat-announcer[aria-live=polite]"));

        foreach (var (method, path) in new[] { ("GET", "/chat"), ("POST", "/chat/new") })
        {
            var fragment = await site.Alice.FragmentAsync(method, path);
            Assert.NotNull(fragment.GetElementById("chat-form"));
            Assert.Null(fragment.GetElementById("sidebar"));
            Assert.Null(fragment.QuerySelector("script"));
        }
    }

    [Fact]
    public async Task Somebody_who_is_not_signed_in_is_led_to_the_login_and_back()
    {
        using var page = await site.Anonymous.GetAsync($"/chat/{Guid.NewGuid()}");
        Assert.Equal(HttpStatusCode.SeeOther, page.StatusCode);
        Assert.StartsWith("/login?return_url=%2Fchat%2F", page.Headers.Location!.ToString(), StringComparison.Ordinal);

        using var fragment = await site.Anonymous.HtmxAsync("GET", "/chat");
        Assert.Equal(HttpStatusCode.OK, fragment.StatusCode);
        Assert.StartsWith("/login", fragment.Headers.GetValues("HX-Redirect").Single(), StringComparison.Ordinal);

        using var sidebar = await site.Anonymous.HtmxAsync("GET", "/api/conversations", on: "/chat");
        Assert.Equal(HttpStatusCode.OK, sidebar.StatusCode);
        Assert.Equal("/login?return_url=%2Fchat", sidebar.Headers.GetValues("HX-Redirect").Single());
        using var list = await site.Anonymous.GetAsync("/api/conversations");
        Assert.Equal(HttpStatusCode.Unauthorized, list.StatusCode);
        Assert.Contains("Please log in to view conversations", await list.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_persons_conversation_is_not_found_whatever_is_asked_of_it()
    {
        site.Provider.Reply("a secret answer");
        var (conversation, answer) = await site.Alice.SayAsync("a secret");

        using var page = await site.Bob.GetAsync($"/chat/{conversation}");
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Contains("Page not found", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("Page not found", (await site.Bob.FragmentAsync("GET", $"/chat/{conversation}")).Body!.TextContent, StringComparison.Ordinal);

        string[] reads =
        [
            $"/chat/{conversation}/messages", $"/chat/{conversation}/messages/{answer}", $"/chat/{conversation}/messages/{answer}/usage", $"/chat/{conversation}/messages/{answer}/edit",
            $"/chat/{conversation}/running", $"/api/chat/stream?conversation_id={conversation}", $"/api/conversations/{conversation}/item", $"/api/conversations/{conversation}/title",
            $"/chat/{conversation}/share", $"/chat/{conversation}/export?format=json", $"/chat/{conversation}?message={answer}",
        ];
        foreach (var path in reads)
        {
            using var response = await site.Bob.HtmxAsync("GET", path);
            Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        (string Method, string Path)[] writes =
        [
            ("POST", $"/chat/{conversation}/messages/{answer}/edit"), ("POST", $"/chat/{conversation}/messages/{answer}/regenerate"), ("POST", $"/chat/{conversation}/messages/{answer}/branch"),
            ("POST", $"/chat/{conversation}/stop"), ("PATCH", $"/api/conversations/{conversation}"), ("DELETE", $"/api/conversations/{conversation}"),
            ("POST", $"/api/conversations/{conversation}/restore"), ("POST", $"/chat/{conversation}/share"), ("POST", "/api/chat/send"),
        ];
        foreach (var (method, path) in writes)
        {
            using var response = await site.Bob.HtmxAsync(method, path, new { message = "mine", title = "mine", conversation_id = conversation });
            Assert.False(response.Headers.Contains("HX-Redirect"));
            Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var mine = await site.Alice.PageAsync($"/chat/{conversation}");
        Assert.Equal("a secret", mine.QuerySelector("#chat-title")!.TextContent);
        Assert.Equal(["a secret", "a secret answer"], mine.QuerySelectorAll("#messages .message-text").Select(text => text.TextContent.Trim()));
    }

    [Fact]
    public async Task A_long_conversation_opens_on_its_last_page_and_loads_earlier_ones_in_order_without_gaps()
    {
        var conversation = await LongAsync(130);

        var page = await site.Alice.PageAsync($"/chat/{conversation}");
        var texts = Texts(page);
        Assert.Equal(50, texts.Count);
        Assert.Equal("message 130", texts[^1]);
        Assert.Null(page.QuerySelector("[data-loads=later]"));
        var loader = page.QuerySelector("[data-loads=earlier]");
        for (var pages = 0; loader is not null; pages++)
        {
            Assert.True(pages < 5);
            Assert.Contains("intersect once", loader.GetAttribute("hx-trigger"), StringComparison.Ordinal);
            var earlier = await site.Alice.FragmentAsync("GET", loader.GetAttribute("hx-get")!);
            texts.InsertRange(0, Texts(earlier));
            loader = earlier.QuerySelector("[data-loads=earlier]");
            Assert.Null(earlier.QuerySelector("[data-loads=later]"));
        }

        Assert.Equal(Enumerable.Range(1, 130).Select(i => $"message {i}"), texts);
    }

    [Fact]
    public async Task A_message_that_was_found_is_shown_among_its_neighbours_and_both_ways_load_on()
    {
        var conversation = await LongAsync(200);
        var at = await NativeServers.QueryAsync<Guid>(site.Database, $"SELECT id FROM chat_messages WHERE conversation_id = '{conversation}' AND content = 'message 80'");

        var page = await site.Alice.PageAsync($"/chat/{conversation}?message={at}");
        var texts = Texts(page);
        Assert.Equal(at.ToString(), page.GetElementById("messages")!.GetAttribute("data-at"));
        Assert.Equal(Enumerable.Range(30, 101).Select(i => $"message {i}"), texts);
        for (var loader = page.QuerySelector("[data-loads=later]"); loader is not null;)
        {
            var later = await site.Alice.FragmentAsync("GET", loader.GetAttribute("hx-get")!);
            texts.AddRange(Texts(later));
            Assert.Null(later.QuerySelector("[data-loads=earlier]"));
            loader = later.QuerySelector("[data-loads=later]");
        }

        var earlier = await site.Alice.FragmentAsync("GET", page.QuerySelector("[data-loads=earlier]")!.GetAttribute("hx-get")!);
        texts.InsertRange(0, Texts(earlier));
        Assert.Equal(Enumerable.Range(1, 200).Select(i => $"message {i}"), texts);
    }

    [Fact]
    public async Task The_models_are_listed_as_json()
    {
        using var response = await site.Alice.GetAsync("/api/models");
        var models = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("models");
        Assert.Contains(ChatHost.OpenAIModel, models.EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    private static List<string> Texts(IDocument page) => [.. page.QuerySelectorAll("article .message-text").Select(text => text.TextContent.Trim())];

    /// <summary>A conversation with so many messages, the last one an answer.</summary>
    private async Task<string> LongAsync(int count)
    {
        site.Provider.Reply("ok");
        var (conversation, _) = await site.Alice.SayAsync("to be long");
        await NativeServers.QueryAsync<long>(site.Database, string.Create(CultureInfo.InvariantCulture, $"""
            WITH gone AS (DELETE FROM chat_messages WHERE conversation_id = '{conversation}' RETURNING user_id)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
            SELECT gen_random_uuid(), (SELECT user_id FROM gone LIMIT 1), '{conversation}', CASE WHEN i % 2 = 1 THEN 'user' ELSE 'assistant' END, 'message ' || i,
                timestamp '2026-01-01' + (i / 3) * interval '1 second'
            FROM generate_series(1, {count}) AS i ORDER BY i RETURNING ordinal
            """));
        return conversation;
    }
}
