using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class TwoTabsTests(BrowserStack stack) : BrowserTest(stack)
{
    [Fact]
    public async Task Two_tabs_on_two_replicas_stay_in_step()
    {
        var first = await SignInAsync(await RegisterAsync());
        await first.AskAsync("Begin");
        var second = await first.OpenTabAsync();
        await second.Page.GotoAsync($"{Stack.OtherUrl}{new Uri(first.Page.Url).AbsolutePath}");
        await Expect(second.Finished).ToHaveCountAsync(1);

        // The other tab sees the question, and the answer as it is made.
        var answer = Stack.Hold("Seen in both");
        await first.SendAsync("Seen in both");
        await Expect(second.Questions.Last).ToContainTextAsync("Seen in both");
        answer.Say("Both see ");
        await Expect(first.Answers.Last).ToContainTextAsync("Both see");
        await Expect(second.Answers.Last).ToContainTextAsync("Both see");
        answer.Say("this.").End();
        await Expect(second.Finished.Last.Locator(".message-text")).ToHaveTextAsync("Both see this.");
        await Expect(first.Finished.Last.Locator(".message-text")).ToHaveTextAsync("Both see this.");

        // And back again.
        await second.AskAsync("From the second");
        await Expect(first.Finished).ToHaveCountAsync(3);
        await Expect(first.Questions).ToHaveCountAsync(3);
        await Expect(second.Questions).ToHaveCountAsync(3);

        // An edit replaces what followed, in both.
        await first.Questions.Nth(1).GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await first.Page.GetByLabel("Your message", new() { Exact = true }).FillAsync("Said otherwise");
        await first.Page.GetByRole(AriaRole.Button, new() { Name = "Send again" }).ClickAsync();
        await Expect(second.Finished.Last).ToContainTextAsync("You said: Said otherwise");
        await Expect(second.Questions).ToHaveCountAsync(2);
        await Expect(second.Finished).ToHaveCountAsync(2);

        // So does the sidebar.
        await first.ChooseAsync("Begin", "Rename");
        await first.Page.GetByLabel("Name of the conversation").FillAsync("Another name");
        await first.Page.GetByLabel("Name of the conversation").PressAsync("Enter");
        await Expect(second.Conversations).ToContainTextAsync("Another name");
    }
}
