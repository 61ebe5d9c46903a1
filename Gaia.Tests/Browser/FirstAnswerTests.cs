using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed partial class FirstAnswerTests(BrowserStack stack) : BrowserTest(stack)
{
    [Fact]
    public async Task From_the_front_door_over_registration_to_the_first_answer()
    {
        var person = await OpenAsync();
        var page = person.Page;
        await page.GotoAsync("/");
        await Expect(page).ToHaveURLAsync(LoginUrl());
        await page.GetByRole(AriaRole.Link, new() { Name = "Create an account" }).ClickAsync();
        await page.GetByLabel("Email").FillAsync(UserRequests.NewEmail());
        await page.GetByLabel("Password").FillAsync(UserRequests.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign Up" }).ClickAsync();
        await Expect(person.Message).ToBeFocusedAsync();
        await Expect(page.Locator("#welcome-message")).ToBeVisibleAsync();

        var answer = Stack.Hold("Hello, who are you?");
        await person.SendAsync("Hello, who are you?");
        await Expect(person.Questions).ToContainTextAsync("Hello, who are you?");
        await Expect(person.Answers).ToContainTextAsync("Gaia is thinking...");
        await Expect(person.Message).ToHaveValueAsync("");
        answer.Say("I am ");
        await Expect(person.Answers).ToContainTextAsync("I am");
        answer.Say("Gaia, ");
        await Expect(person.Answers).ToContainTextAsync("I am Gaia,");
        await Expect(person.Stop).ToBeVisibleAsync();
        answer.Say("at last.").End();

        await Expect(person.Finished.Locator(".message-text")).ToHaveTextAsync("I am Gaia, at last.");
        await Expect(person.Stop).ToBeHiddenAsync();
        await Expect(person.Message).ToBeFocusedAsync();
        await Expect(page).ToHaveURLAsync(ConversationUrl());
        await Expect(person.Conversations).ToHaveCountAsync(1);
        await Expect(page.Locator("#welcome-message")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_answer_is_announced_once_in_a_polite_live_region()
    {
        var person = await SignInAsync(await RegisterAsync());
        // What a screen reader hears: changes inside of live regions, and alerts that come up.
        await person.Page.EvaluateAsync("""
            window.heard = [];
            new MutationObserver((changes) => {
              const regions = new Set(changes.map(({ target }) => (target.nodeType === 1 ? target : target.parentElement)?.closest("[aria-live], [role=status], [role=alert], [role=log]")).filter(Boolean));
              for (const region of regions) if (region.isConnected) heard.push([region.getAttribute("role") ?? "", region.getAttribute("aria-live") ?? "", region.textContent.trim()].join("|"));
            }).observe(document.body, { subtree: true, childList: true, characterData: true });
            """);
        var answer = Stack.Hold("Say it slowly");
        await person.SendAsync("Say it slowly");
        foreach (var word in (string[])["Slowly ", "it ", "goes, ", "and ", "well.\n\n", "And ", "goes ", "on. "])
        {
            answer.Say(word);
            await Expect(person.Answers).ToContainTextAsync(word.Trim());
        }

        answer.End();
        await Expect(person.Finished.Locator(".message-text")).ToContainTextAsync("And goes on.");
        await person.AskAsync("Something else");

        var heard = await person.Page.EvaluateAsync<string[]>("heard");
        var announced = heard.Where(text => text.Contains("Slowly", StringComparison.Ordinal)).ToList();
        var (role, live, words) = Assert.Single(announced).Split('|') switch { [var first, var second, .. var rest] => (first, second, string.Join('|', rest)), var other => throw new InvalidDataException(string.Join('|', other)) };
        Assert.Equal("polite", live.Length > 0 ? live : role == "status" ? "polite" : role);
        Assert.Contains("Slowly it goes, and well.", words, StringComparison.Ordinal);
        Assert.Contains("And goes on.", words, StringComparison.Ordinal);
    }

    [GeneratedRegex("/login$")]
    private static partial Regex LoginUrl();

    [GeneratedRegex("/chat/[0-9a-f-]{36}$")]
    internal static partial Regex ConversationUrl();
}
