using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class AnswerTests(BrowserStack stack) : BrowserTest(stack)
{
    private const string Rich = """
        # Sums

        | number | square |
        |--------|--------|
        | 2      | 4      |

        ```python
        def square(x):
            return x * x
        ```

        It is $x^2$ of **course**, see [the page](https://example.com/squares).
        """;

    [Fact]
    public async Task An_answer_is_stopped_and_what_was_said_stays()
    {
        var person = await SignInAsync(await RegisterAsync());
        var answer = Stack.Hold("Count to a million");
        await person.SendAsync("Count to a million");
        answer.Say("One, two, ");
        await Expect(person.Answers).ToContainTextAsync("One, two,");

        await person.Stop.ClickAsync();

        await answer.Left;
        await Expect(person.Finished).ToContainTextAsync("One, two,");
        await Expect(person.Finished.Locator(".message-note")).ToHaveTextAsync("Stopped");
        await Expect(person.Stop).ToBeHiddenAsync();
        await person.AskAsync("And now?");
        await Expect(person.Finished.Last).ToContainTextAsync("You said: And now?");
    }

    [Fact]
    public async Task A_page_that_is_loaded_again_in_the_middle_of_an_answer_shows_it_going_on()
    {
        var person = await SignInAsync(await RegisterAsync());
        var answer = Stack.Hold("Tell me a long story");
        await person.SendAsync("Tell me a long story");
        answer.Say("Once upon a time ");
        await Expect(person.Answers).ToContainTextAsync("Once upon a time");

        await person.Page.ReloadAsync();
        await Expect(person.Answers).ToContainTextAsync("Once upon a time");
        await Expect(person.Stop).ToBeVisibleAsync();
        answer.Say("there was ");
        await Expect(person.Answers).ToContainTextAsync("Once upon a time there was");
        answer.Say("a butterfly.").End();

        await Expect(person.Finished.Locator(".message-text")).ToHaveTextAsync("Once upon a time there was a butterfly.");
        await Expect(person.Answers).ToHaveCountAsync(1);
        await Expect(person.Questions).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task An_answer_has_tables_coloured_code_to_copy_and_formulas()
    {
        Stack.Answer("Show me squares", Rich);
        var person = await SignInAsync(await RegisterAsync(), new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await person.AskAsync("Show me squares");
        var answer = person.Finished;

        await Expect(answer.GetByRole(AriaRole.Cell, new() { Name = "4", Exact = true })).ToBeVisibleAsync();
        await Expect(answer.Locator("pre code .hljs-keyword").First).ToHaveTextAsync("def");
        await Expect(answer.Locator("math msup")).ToBeVisibleAsync();
        await Expect(answer.GetByRole(AriaRole.Link, new() { Name = "the page" })).ToHaveAttributeAsync("rel", "noopener noreferrer nofollow");

        await answer.Locator("[data-copy-code]").ClickAsync();
        await Expect(answer.Locator("[data-copy-code]")).ToHaveTextAsync("Copied");
        Assert.Equal("def square(x):\n    return x * x", (await person.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).TrimEnd());
    }

    [Fact]
    public async Task Tokens_and_cost_of_an_answer_are_told_on_demand()
    {
        var person = await SignInAsync(await RegisterAsync());
        await person.AskAsync("What do you cost?");

        await person.Finished.Locator("summary").GetByText("Details").ClickAsync();

        await Expect(person.Finished.GetByText("Tokens out")).ToBeVisibleAsync();
        await Expect(person.Finished.GetByText("gpt-4o-mini (openai)")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_answer_is_made_anew()
    {
        Stack.Answer("Guess a number", "Seven");
        var person = await SignInAsync(await RegisterAsync());
        await person.AskAsync("Guess a number");
        await Expect(person.Finished.Locator(".message-text")).ToHaveTextAsync("Seven");

        Stack.Answer("Guess a number", "Eight");
        await person.Finished.GetByRole(AriaRole.Button, new() { Name = "Regenerate" }).ClickAsync();

        await Expect(person.Finished.Locator(".message-text")).ToHaveTextAsync("Eight");
        await Expect(person.Answers).ToHaveCountAsync(1);
        await Expect(person.Questions).ToHaveCountAsync(1);
    }
}
