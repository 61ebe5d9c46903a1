using Gaia.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class PhoneTests(BrowserStack stack) : BrowserTest(stack)
{
    internal static BrowserNewContextOptions Phone => new() { ViewportSize = new() { Width = 390, Height = 844 }, HasTouch = true, IsMobile = true };

    [Fact]
    public async Task No_page_is_wider_than_a_phone()
    {
        Stack.Answer("Something wide", $"""
            | {string.Join(" | ", Enumerable.Range(0, 20).Select(i => $"column {i}"))} |
            |{string.Concat(Enumerable.Repeat("---|", 20))}
            | {string.Join(" | ", Enumerable.Range(0, 20))} |

            ```
            {new string('x', 500)}
            ```

            {new string('y', 500)} $a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x+y+z+a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x+y+z$
            """);
        using var caller = await RegisterAsync();
        await Stack.PromoteAsync(caller);
        var conversation = await caller.BeginAsync(new string('t', 200), "Something wide");
        var share = (await caller.SendAsync(HttpMethod.Post, $"/api/v1/conversations/{conversation}/share", new { })).GetProperty("token").GetString();
        var person = await OpenAsync(Phone);
        person.Tolerate("404");
        foreach (var path in (string[])["/login", "/register", "/email-verification?email=somebody@example.com"])
            await FitsAsync(person, path);
        await person.SignInAsync(caller.Email);
        foreach (var path in (string[])["/chat", $"/chat/{conversation}", $"/shared/{share}", "/profile", "/status", "/nowhere", "/design", .. AccessibilityTests.AdminPages])
            await FitsAsync(person, path);
    }

    [Fact]
    public async Task The_sidebar_lies_over_the_page_and_goes_away_again()
    {
        using var caller = await RegisterAsync();
        await caller.BeginAsync("The garden", "When do tulips bloom?");
        var person = await SignInAsync(caller, Phone);
        var toggle = person.Page.Locator("#sidebar-toggle");
        await Expect(toggle).ToHaveAttributeAsync("aria-expanded", "false");
        await Expect(person.Page.Locator("#search-input")).Not.ToBeInViewportAsync();

        await toggle.TapAsync();
        await Expect(toggle).ToHaveAttributeAsync("aria-expanded", "true");
        await Expect(person.Page.Locator("#search-input")).ToBeInViewportAsync();
        await Expect(person.Page.Locator(".app-main[inert]")).ToHaveCountAsync(1);
        await person.Page.Locator("#sidebar-overlay").TapAsync(new() { Position = new() { X = 380, Y = 400 } });
        await Expect(toggle).ToHaveAttributeAsync("aria-expanded", "false");
        await Expect(person.Page.Locator("#search-input")).Not.ToBeInViewportAsync();

        await toggle.TapAsync();
        await person.Page.Keyboard.PressAsync("Escape");
        await Expect(toggle).ToBeFocusedAsync();
        await Expect(toggle).ToHaveAttributeAsync("aria-expanded", "false");

        await toggle.TapAsync();
        await person.Conversations.GetByRole(AriaRole.Link).TapAsync();
        await Expect(person.Questions).ToContainTextAsync("tulips");
        await Expect(person.Page.Locator("#search-input")).Not.ToBeInViewportAsync();
        // Enter is the only way to another line there; the button sends.
        await person.Message.FillAsync("And roses?");
        await person.Message.PressAsync("Enter");
        await Expect(person.Message).ToHaveValueAsync("And roses?\n");
        var answers = await person.Finished.CountAsync();
        await person.Page.Locator("#chat-send-button").TapAsync();
        await Expect(person.Finished).ToHaveCountAsync(answers + 1);
        await Expect(person.Finished.Last).ToBeInViewportAsync();
    }

    private static async Task FitsAsync(Person person, string path)
    {
        await person.Page.GotoAsync(path);
        // Formulas are set after the page is there, and are wider then than what they were written as.
        await Eventually.TrueAsync(() => person.Page.EvaluateAsync<bool>("""() => [...document.querySelectorAll(".markdown .math")].every((formula) => formula.querySelector("math"))"""));
        var wide = await person.Page.EvaluateAsync<string>("""
            () => document.documentElement.scrollWidth <= innerWidth ? "" : `${document.documentElement.scrollWidth} > ${innerWidth}: ` +
              [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((element) => element.outerHTML.slice(0, 120)).join("\n")
            """);
        Assert.True(wide.Length == 0, $"{path}: {wide}");
    }
}
