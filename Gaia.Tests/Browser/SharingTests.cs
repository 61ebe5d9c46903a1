using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class SharingTests(BrowserStack stack) : BrowserTest(stack)
{
    [Fact]
    public async Task A_link_shows_the_conversation_to_anybody_until_it_is_revoked()
    {
        var person = await SignInAsync(await RegisterAsync());
        await person.AskAsync("A thing to share");
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Share" }).ClickAsync();
        var dialog = person.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("Links that are good now");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create a link" }).ClickAsync();
        var link = await dialog.Locator("#share-url").InputValueAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await person.AskAsync("Said after the link was made");

        var stranger = await OpenAsync();
        await stranger.Page.GotoAsync(link);
        await Expect(stranger.Page.Locator("article")).ToHaveCountAsync(2);
        await Expect(stranger.Page.Locator("article").Last).ToContainTextAsync("You said: A thing to share");
        await Expect(stranger.Page.Locator("#chat-form")).ToHaveCountAsync(0);

        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Share" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("None.");
        stranger.Tolerate("404");
        await stranger.Page.ReloadAsync();
        await Expect(stranger.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Page not found");
        await Expect(stranger.Page.GetByText("A thing to share")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Another_users_conversation_is_not_found()
    {
        using var alice = await RegisterAsync();
        var conversation = await alice.BeginAsync("A secret title", "A secret message");
        var bob = await SignInAsync(await RegisterAsync());
        bob.Tolerate("404");

        var answer = await bob.Page.GotoAsync($"/chat/{conversation}");

        Assert.Equal(404, answer!.Status);
        await Expect(bob.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Page not found");
        Assert.DoesNotContain("secret", await bob.Page.ContentAsync(), StringComparison.OrdinalIgnoreCase);
        foreach (var path in (string[])[$"/chat/{conversation}/running", $"/chat/{conversation}/share", $"/chat/{conversation}/export?format=json", $"/chat/{conversation}/messages", $"/api/conversations/{conversation}/item"])
        {
            var part = await bob.Page.APIRequest.GetAsync(path);
            Assert.True(part.Status is 404, $"{path}: {part.Status}");
            Assert.DoesNotContain("secret", await part.TextAsync(), StringComparison.OrdinalIgnoreCase);
        }
    }
}
