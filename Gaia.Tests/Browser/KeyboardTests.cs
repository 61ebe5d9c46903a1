using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class KeyboardTests(BrowserStack stack) : BrowserTest(stack)
{
    private const int FarthestTab = 60;

    [Fact]
    public async Task Everything_is_reached_and_done_by_keyboard_alone()
    {
        var caller = await RegisterAsync();
        await caller.BeginAsync("The garden", "When do tulips bloom?");
        var person = await OpenAsync();
        var page = person.Page;
        var keys = page.Keyboard;

        await page.GotoAsync("/login");
        await Expect(page.GetByLabel("Email")).ToBeFocusedAsync();
        await keys.TypeAsync(caller.Email);
        await keys.PressAsync("Tab");
        await keys.TypeAsync(UserRequests.Password);
        await keys.PressAsync("Enter");
        await Expect(person.Message).ToBeFocusedAsync();

        // Send, and stop.
        var answer = Stack.Hold("Typed and sent");
        await keys.TypeAsync("Typed and sent");
        await keys.PressAsync("Enter");
        answer.Say("Some words ");
        await Expect(person.Answers).ToContainTextAsync("Some words");
        await Expect(person.Message).ToBeFocusedAsync();
        await keys.PressAsync("Escape");
        await Expect(person.Finished.Locator(".message-note")).ToHaveTextAsync("Stopped");
        await Expect(person.Message).ToBeFocusedAsync();

        // Search, and open what was found.
        await keys.PressAsync("Control+k");
        await Expect(page.Locator("#search-input")).ToBeFocusedAsync();
        await keys.TypeAsync("tulips");
        await Expect(page.Locator("#search-status")).ToHaveTextAsync("1 result for \"tulips\"");
        await TabToAsync(person, person.Conversations.GetByRole(AriaRole.Link));
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#chat-title")).ToHaveTextAsync("The garden");
        await Expect(person.Questions).ToContainTextAsync("tulips");

        // Delete it by its menu, and take that back.
        await keys.PressAsync("Control+k");
        await keys.PressAsync("Delete");
        await Expect(person.Conversations).ToHaveCountAsync(2);
        await TabToAsync(person, person.Conversations.Filter(new() { HasText = "The garden" }).Locator("summary"));
        await keys.PressAsync("Enter");
        await TabToAsync(person, person.Conversations.Filter(new() { HasText = "The garden" }).GetByRole(AriaRole.Button, new() { Name = "Delete" }));
        await keys.PressAsync("Enter");
        await Expect(person.Conversations).ToHaveCountAsync(1);
        await TabToAsync(person, page.Locator("#toast-container").GetByRole(AriaRole.Button, new() { Name = "Undo" }));
        await keys.PressAsync("Enter");
        await Expect(person.Conversations).ToHaveCountAsync(2);

        // Edit a message, and leave the profile's theme light.
        await page.GotoAsync("/profile");
        await TabToAsync(person, page.GetByRole(AriaRole.Radio, new() { Name = "Dark" }));
        await keys.PressAsync("ArrowDown");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        await TabToAsync(person, page.Locator("#user-menu summary"));
        await keys.PressAsync("Enter");
        await TabToAsync(person, page.GetByRole(AriaRole.Button, new() { Name = "Log out" }));
        await keys.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex("/login$"));
    }

    [Fact]
    public async Task Whatever_has_the_focus_is_seen_to_have_it()
    {
        var person = await SignInAsync(await RegisterAsync());
        await person.AskAsync("Hello");
        await person.Page.Locator("body").PressAsync("Tab");
        var unseen = new List<string>();
        for (var i = 0; i < FarthestTab; i++)
        {
            await person.Page.Keyboard.PressAsync("Tab");
            var found = await person.Page.EvaluateAsync<string?>("""
                () => {
                  const element = document.activeElement;
                  if (!element || element === document.body) return null;
                  const style = getComputedStyle(element);
                  const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
                  const box = element.getBoundingClientRect();
                  return ring && box.width > 0 && box.height > 0 ? null : element.outerHTML.slice(0, 200);
                }
                """);
            if (found is not null)
                unseen.Add(found);
        }

        Assert.Empty(unseen.Distinct());
    }

    /// <summary>Presses Tab until this has the focus.</summary>
    private static async Task TabToAsync(Person person, ILocator target)
    {
        await Expect(target).ToHaveCountAsync(1);
        for (var i = 0; i < FarthestTab; i++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                Assert.Equal(0, await person.Page.EvaluateAsync<int>("mice"));
                return;
            }

            await person.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"{target} is not reached by Tab.");
    }
}
