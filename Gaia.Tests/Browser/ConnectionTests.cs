using Gaia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class ConnectionTests(BrowserStack stack) : BrowserTest(stack)
{
    [Fact]
    public async Task A_lost_connection_is_shown_and_what_was_typed_survives_it()
    {
        var port = NativeServer.FreePort();
        var web = await Stack.StartWebAsync(port);
        try
        {
            var person = await OpenAsync(new() { BaseURL = web.Url });
            person.Tolerate("ERR_", "Connection closed", "WebSocket connection", "htmx:");
            await person.SignInAsync((await RegisterAsync()).Email);
            var answer = Stack.Hold("Go on without me");
            await person.SendAsync("Go on without me");
            answer.Say("Before it broke, ");
            await Expect(person.Answers).ToContainTextAsync("Before it broke,");
            await person.Message.FillAsync("Half a thought");

            await web.StopAsync();
            await Expect(person.Page.Locator("#live-status")).ToContainTextAsync("The connection is lost");
            answer.Say("and after.").End();
            await Expect(person.Message).ToHaveValueAsync("Half a thought");

            web = await Stack.StartWebAsync(port);
            await Expect(person.Page.Locator("#live-status")).ToHaveTextAsync("");
            await Expect(person.Finished.Locator(".message-text")).ToHaveTextAsync("Before it broke, and after.");
            await Expect(person.Message).ToHaveValueAsync("Half a thought");
            await person.Message.PressAsync("Enter");
            await Expect(person.Finished).ToHaveCountAsync(2);
            await Expect(person.Questions.Last).ToContainTextAsync("Half a thought");
        }
        finally
        {
            await web.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_message_that_cannot_be_sent_stays_in_its_field()
    {
        var port = NativeServer.FreePort();
        var web = await Stack.StartWebAsync(port);
        try
        {
            var person = await OpenAsync(new() { BaseURL = web.Url });
            person.Tolerate("ERR_", "Connection closed", "WebSocket connection", "htmx:");
            await person.SignInAsync((await RegisterAsync()).Email);
            await web.StopAsync();

            await person.SendAsync("Not to be lost");
            await Expect(person.Page.Locator("#toast-container, #live-status").Filter(new() { HasText = "onnection" }).First).ToBeVisibleAsync();
            await Expect(person.Message).ToHaveValueAsync("Not to be lost");

            web = await Stack.StartWebAsync(port);
            await person.Page.ReloadAsync();
            await Expect(person.Message).ToHaveValueAsync("Not to be lost");
            await person.Message.PressAsync("Enter");
            await Expect(person.Finished).ToContainTextAsync("You said: Not to be lost");
        }
        finally
        {
            await web.DisposeAsync();
        }
    }
}
