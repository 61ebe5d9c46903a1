using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class LongConversationTests(BrowserStack stack) : BrowserTest(stack)
{
    [Fact]
    public async Task A_thousand_messages_open_on_the_last_page_and_earlier_ones_come_as_one_scrolls()
    {
        using var caller = await RegisterAsync();
        var conversation = await Stack.BeginLongAsync(caller, 1000);
        var person = await SignInAsync(caller);
        await person.OpenConversationAsync(conversation);

        var articles = person.Messages.Locator("article");
        await Expect(articles.Last).ToContainTextAsync("Number 999");
        await Expect(articles.Last).ToBeInViewportAsync();
        await Expect(articles).ToHaveCountAsync(50);
        await Expect(articles.First).ToContainTextAsync("Number 950");

        // What somebody looks at stays where it is while earlier ones load above it.
        await articles.First.ScrollIntoViewIfNeededAsync();
        await Expect(articles).ToHaveCountAsync(100);
        await Expect(articles.First).ToContainTextAsync("Number 900");
        await Expect(articles.Nth(50)).ToContainTextAsync("Number 950");
        await Expect(articles.Nth(50)).ToBeInViewportAsync();
        await articles.First.ScrollIntoViewIfNeededAsync();
        await Expect(articles).ToHaveCountAsync(150);
    }

    [Fact]
    public async Task The_sidebar_pages()
    {
        using var caller = await RegisterAsync();
        for (var i = 0; i < 35; i++)
            await caller.SayAsync($"Conversation {i}");
        var person = await SignInAsync(caller);
        await Expect(person.Conversations).ToHaveCountAsync(30);

        await person.Conversations.Last.ScrollIntoViewIfNeededAsync();

        await Expect(person.Conversations).ToHaveCountAsync(35);
    }
}
