using Gaia.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

public sealed class AccessibilityTests(BrowserStack stack) : BrowserTest(stack)
{
    internal static readonly string[] AdminPages = ["/admin", "/admin/users", "/admin/keys", "/admin/limits", "/admin/audit", "/admin/models", "/admin/performance"];

    private const string Rich = """
        # A heading

        | a | b |
        |---|---|
        | 1 | 2 |

        - [x] done
        - [ ] to do

        > quoted, with `code` and [a link](https://example.com)

        ```csharp
        // a comment
        public static string Name => "Gaia" + 42;
        ```

        $$\int_0^1 x^2\,dx = \frac{1}{3}$$
        """;

    private static readonly Lazy<string> Axe = new(() => File.ReadAllText(Path.Combine(RepositoryClone.Root, "Gaia.Tests", "obj", "browser", "axe.min.js")));

    private readonly List<string> _violations = [];

    [Theory]
    [InlineData("dark")]
    [InlineData("light")]
    public async Task No_page_has_a_serious_or_critical_violation(string theme)
    {
        Stack.Answer("Everything there is", Rich);
        using var caller = await RegisterAsync();
        var conversation = await caller.BeginAsync("A bit of everything", "Everything there is");
        var share = (await caller.SendAsync(HttpMethod.Post, $"/api/v1/conversations/{conversation}/share", new { })).GetProperty("token").GetString();
        var person = await OpenAsync(theme);
        person.Tolerate("404", "503");
        foreach (var path in (string[])["/login", "/login?verified=true", "/register", "/email-verification?email=somebody@example.com", "/status", "/nowhere", "/design", $"/shared/{share}"])
            await CheckAsync(person, path);
        await person.Page.GotoAsync("/login");
        await person.Page.GetByLabel("Email").FillAsync("somebody@example.com");
        await person.Page.GetByLabel("Password").FillAsync("wrong password");
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Sign In" }).ClickAsync();
        await Expect(person.Page.GetByText("Invalid email or password")).ToBeVisibleAsync();
        await CheckAsync(person);

        await person.SignInAsync(caller.Email);
        await Expect(person.Conversations).ToHaveCountAsync(1);
        await CheckAsync(person);
        foreach (var path in (string[])[$"/chat/{conversation}", "/profile", $"/chat/{Guid.Empty}"])
            await CheckAsync(person, path);

        // What comes up on the page of a conversation.
        await person.OpenConversationAsync(conversation);
        await person.ChooseAsync("A bit of everything", "Rename");
        await person.Questions.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await Expect(person.Page.GetByLabel("Your message", new() { Exact = true })).ToBeVisibleAsync();
        await person.Finished.Locator("summary").GetByText("Details").ClickAsync();
        await Expect(person.Finished.GetByText("Tokens out")).ToBeVisibleAsync();
        await CheckAsync(person);
        await person.Page.GetByLabel("Search conversations").FillAsync("everything");
        await Expect(person.Conversations.Locator("mark").First).ToBeVisibleAsync();
        await person.Conversations.Locator("a").First.ClickAsync();
        var held = Stack.Hold("Slowly");
        await person.SendAsync("Slowly");
        held.Say("I am thinking about ");
        await Expect(person.Answers.Last).ToContainTextAsync("thinking about");
        await CheckAsync(person);
        held.End();
        await Expect(person.Finished).ToHaveCountAsync(2);
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Share" }).ClickAsync();
        await Expect(person.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await CheckAsync(person);

        Assert.True(_violations.Count == 0, string.Join("\n\n", _violations));
    }

    [Theory]
    [InlineData("dark")]
    [InlineData("light")]
    public async Task No_page_of_the_administration_has_a_serious_or_critical_violation(string theme)
    {
        var caller = await RegisterAsync();
        await Stack.PromoteAsync(caller);
        await caller.SayAsync("Something to count");
        var person = await OpenAsync(theme);
        await person.SignInAsync(caller.Email);
        foreach (var path in (string[])[.. AdminPages, $"/admin/users/{caller.UserId}"])
            await CheckAsync(person, path);

        Assert.True(_violations.Count == 0, string.Join("\n\n", _violations));
    }

    [Theory]
    [InlineData("dark")]
    [InlineData("light")]
    public async Task The_page_of_an_outage_has_no_serious_or_critical_violation(string theme)
    {
        await using var web = await Stack.StartWebAsync(gateway: "http://127.0.0.1:9");
        var person = await OpenAsync(theme);
        await person.SignInAsync((await RegisterAsync()).Email);
        person.Tolerate("503");

        var answer = await person.Page.GotoAsync($"{web.Url}/chat/{Guid.NewGuid()}");

        Assert.Equal(503, answer!.Status);
        await Expect(person.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Not available right now");
        await CheckAsync(person);
        Assert.True(_violations.Count == 0, string.Join("\n\n", _violations));
    }

    private async Task<Person> OpenAsync(string theme)
    {
        var person = await OpenAsync();
        await person.Page.Context.AddCookiesAsync([new() { Name = "theme", Value = theme, Url = Stack.Url }]);
        return person;
    }

    private async Task CheckAsync(Person person, string? path = null)
    {
        if (path is not null)
        {
            await person.Page.GotoAsync(path);
            await person.SettleAsync();
        }

        // Through the debugger, where the page's own policy does not forbid it.
        await person.Page.EvaluateAsync($"() => {{ {Axe.Value}\n }}");
        var found = await person.Page.EvaluateAsync<string[]>("""
            async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
              .filter(({ impact }) => impact === "serious" || impact === "critical")
              .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary, html }) => `${id} ${target} ${failureSummary} ${html.slice(0, 200)}`))
            """);
        var page = path ?? new Uri(person.Page.Url).AbsolutePath;
        _violations.AddRange(found.Select(violation => $"{page}: {violation}"));
    }
}
