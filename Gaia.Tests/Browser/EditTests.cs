using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class EditTests(BrowserStack stack) : BrowserTest(stack)
{
    [Fact]
    public async Task A_message_is_said_in_other_words_and_what_followed_is_replaced()
    {
        var person = await EditingAsync();
        await SendAgain(person).ClickAsync();

        await Expect(person.Questions).ToHaveCountAsync(1);
        await Expect(person.Finished.Locator(".message-text")).ToHaveTextAsync("You said: My name is Grace");
        await person.Page.ReloadAsync();
        await Expect(person.Questions.Locator(".message-text")).ToHaveTextAsync("My name is Grace");
        await Expect(person.Finished).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task An_answer_that_is_over_before_the_page_follows_it_replaces_what_followed_too()
    {
        var person = await EditingAsync();
        // As on a busy machine: the page's scripts hear of new elements late.
        await person.Page.EvaluateAsync("htmx.config.defaultSettleDelay = 2000");
        await SendAgain(person).ClickAsync();

        await Expect(person.Questions).ToHaveCountAsync(1);
        await Expect(person.Finished.Locator(".message-text")).ToHaveTextAsync("You said: My name is Grace");
    }

    [Fact]
    public async Task An_edit_that_is_given_up_changes_nothing()
    {
        var person = await SignInAsync(await RegisterAsync());
        await person.AskAsync("My name is Ada");

        await person.Questions.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        var field = person.Page.GetByLabel("Your message", new() { Exact = true });
        await Expect(field).ToBeFocusedAsync();
        await field.FillAsync("Something else");
        await person.Page.Keyboard.PressAsync("Escape");

        await Expect(person.Questions.Locator(".message-text")).ToHaveTextAsync("My name is Ada");
        await Expect(person.Finished).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_conversation_branches_at_an_answer_and_the_old_one_stays()
    {
        var person = await SignInAsync(await RegisterAsync());
        await person.AskAsync("Where shall we go?");
        await person.AskAsync("To the sea");
        var old = person.Page.Url;

        await person.Finished.First.GetByRole(AriaRole.Button, new() { Name = "Branch" }).ClickAsync();

        await Expect(person.Page).Not.ToHaveURLAsync(old);
        await Expect(person.Finished).ToHaveCountAsync(1);
        await person.AskAsync("To the hills");
        await Expect(person.Questions.Last.Locator(".message-text")).ToHaveTextAsync("To the hills");
        await Expect(person.Conversations).ToHaveCountAsync(2);
        await person.Page.GotoAsync(old);
        await Expect(person.Questions.Last.Locator(".message-text")).ToHaveTextAsync("To the sea");
        await Expect(person.Finished).ToHaveCountAsync(2);
    }

    /// <summary>Somebody who has two answers, and says the first message in other words.</summary>
    private async Task<Person> EditingAsync()
    {
        var person = await SignInAsync(await RegisterAsync());
        await person.AskAsync("My name is Ada");
        await person.AskAsync("What is my name?");

        await person.Questions.First.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        var field = person.Page.GetByLabel("Your message", new() { Exact = true });
        await Expect(field).ToBeFocusedAsync();
        await Expect(field).ToHaveValueAsync("My name is Ada");
        await field.FillAsync("My name is Grace");
        return person;
    }

    private static ILocator SendAgain(Person person) => person.Page.GetByRole(AriaRole.Button, new() { Name = "Send again" });
}
