using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class SidebarTests(BrowserStack stack) : BrowserTest(stack)
{
    [Fact]
    public async Task Conversations_are_found_by_what_was_said_in_them()
    {
        using var caller = await RegisterAsync();
        var garden = await caller.BeginAsync("The garden", "When do tulips bloom?");
        await caller.BeginAsync("The kitchen", "How long do eggs boil?");
        var person = await SignInAsync(caller);
        await Expect(person.Conversations).ToHaveCountAsync(2);

        await person.Page.GetByLabel("Search conversations").FillAsync("tulips");

        await Expect(person.Page.Locator("#search-status")).ToHaveTextAsync("1 result for \"tulips\"");
        await Expect(person.Conversations).ToHaveCountAsync(1);
        await Expect(person.Conversations.Locator("mark").First).ToHaveTextAsync("tulips");
        await person.Conversations.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(person.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"/chat/{garden}"));
        await Expect(person.Questions).ToContainTextAsync("When do tulips bloom?");

        await person.Page.GetByLabel("Search conversations").FillAsync("nothing like it");
        await Expect(person.Page.Locator("#search-status")).ToHaveTextAsync("0 results for \"nothing like it\"");
        await person.Page.GetByLabel("Search conversations").FillAsync("");
        await Expect(person.Conversations).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task A_deleted_conversation_comes_back_when_that_is_undone()
    {
        using var caller = await RegisterAsync();
        await caller.BeginAsync("Keep me", "One");
        await caller.BeginAsync("Delete me", "Two");
        var person = await SignInAsync(caller);
        await person.Conversations.GetByText("Delete me").First.ClickAsync();
        await Expect(person.Questions).ToContainTextAsync("Two");

        await person.ChooseAsync("Delete me", "Delete");

        await Expect(person.Conversations).ToHaveCountAsync(1);
        await Expect(person.Page.Locator("#welcome-message")).ToBeVisibleAsync();
        await Expect(person.Page.Locator("#toast-container")).ToContainTextAsync("Deleted “Delete me”");
        await person.Page.Locator("#toast-container").GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(person.Conversations).ToHaveCountAsync(2);
        await person.Conversations.GetByText("Delete me").First.ClickAsync();
        await Expect(person.Questions).ToContainTextAsync("Two");
    }

    [Fact]
    public async Task A_conversation_is_renamed_pinned_and_archived()
    {
        using var caller = await RegisterAsync();
        await caller.BeginAsync("Alpha", "One");
        await caller.BeginAsync("Beta", $"Two {new string('x', 200)} and many words more than there is room for");
        var person = await SignInAsync(caller);
        await Expect(person.Conversations.Filter(new() { HasText = "Beta" }).Locator("summary")).ToBeInViewportAsync(new() { Ratio = 1 });
        await person.Conversations.GetByText("Alpha").First.ClickAsync();
        await Expect(person.Page.Locator("#chat-title")).ToHaveTextAsync("Alpha");

        await person.ChooseAsync("Alpha", "Rename");
        await person.Page.GetByLabel("Name of the conversation").FillAsync("Gamma");
        await person.Page.GetByLabel("Name of the conversation").PressAsync("Enter");
        await Expect(person.Conversations.GetByText("Gamma").First).ToBeVisibleAsync();
        await Expect(person.Page.Locator("#chat-title")).ToHaveTextAsync("Gamma");

        await person.ChooseAsync("Gamma", "Pin");
        await Expect(person.Conversations.First).ToContainTextAsync("Gamma");
        await Expect(person.Page.GetByLabel("Pinned")).ToBeVisibleAsync();

        await person.ChooseAsync("Beta", "Archive");
        await Expect(person.Conversations).ToHaveCountAsync(1);
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Archived" }).ClickAsync();
        await Expect(person.Conversations).ToContainTextAsync("Beta");
    }

    [Fact]
    public async Task A_form_that_is_sent_as_soon_as_it_is_there_does_not_lead_away()
    {
        using var caller = await RegisterAsync();
        await caller.BeginAsync("Alpha", "One");
        var person = await SignInAsync(caller);
        await person.Page.EvaluateAsync("""
            new MutationObserver((_, observer) => {
                const form = document.querySelector("form.rename-form");
                if (!form) return;
                observer.disconnect();
                form.elements.title.value = "Gamma";
                form.requestSubmit();
            }).observe(document.body, { childList: true, subtree: true });
            """);
        await person.ChooseAsync("Alpha", "Rename");

        await Expect(person.Conversations.GetByText("Gamma").First).ToBeVisibleAsync();
        Assert.DoesNotContain("title=", person.Page.Url, StringComparison.Ordinal);
    }
}
