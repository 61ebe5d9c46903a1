using System.Collections.Concurrent;
using Gaia.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

/// <summary>Somebody before a browser window: what they do and see, and what went wrong behind it.</summary>
internal sealed class Person : IAsyncDisposable
{
    /// <summary>Notes what must not happen: a script that came with somebody's text, and a style or script that the page's own rules forbid.</summary>
    private const string Watch = """
        window.mice = 0;
        for (const name of ["mousedown", "pointerdown", "touchstart"]) addEventListener(name, () => { window.mice += 1; }, true);
        addEventListener("securitypolicyviolation", (event) => console.error(`forbidden by the policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
        """;

    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly IBrowserContext _context;
    private string[] _tolerated = [];

    private Person(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>Fails if something went wrong in any of this person's tabs.</summary>
    public void HasNoTroubles()
    {
        var troubles = string.Join("\n", _troubles.Where(trouble => !_tolerated.Any(tolerated => trouble.Contains(tolerated, StringComparison.Ordinal))));
        Assert.True(troubles.Length == 0, troubles);
    }

    /// <summary>Waits until nothing is on its way, and formulas are formulas.</summary>
    public async Task SettleAsync()
    {
        await Expect(Page.Locator(".htmx-request")).ToHaveCountAsync(0);
        await Expect(Page.Locator(".math:not(:has(math))")).ToHaveCountAsync(0);
    }

    public ILocator Message => Page.Locator("#chat-message-input");

    public ILocator Messages => Page.Locator("#messages");

    public ILocator Answers => Page.Locator("#messages .message-assistant");

    public ILocator Questions => Page.Locator("#messages .message-user");

    public ILocator Conversations => Page.Locator("#conversation-list .conversation-item");

    /// <summary>Answers that are there to their end.</summary>
    public ILocator Finished => Page.Locator("#messages .message-assistant[id^='message-']");

    public ILocator Stop => Page.Locator("#chat-stop-button");

    public static async Task<Person> OpenAsync(IBrowserContext context)
    {
        var limit = (float)BrowserStack.Limit.TotalMilliseconds;
        context.SetDefaultTimeout(limit);
        context.SetDefaultNavigationTimeout(limit);
        SetDefaultExpectTimeout(limit);
        await context.AddInitScriptAsync(Watch);
        var person = new Person(context, await context.NewPageAsync());
        person.Follow();
        return person;
    }

    /// <summary>Troubles with this in them belong to the test.</summary>
    public void Tolerate(params string[] troubles) => _tolerated = troubles;

    /// <summary>Another tab of the same person.</summary>
    public async Task<Person> OpenTabAsync() => new(_context, await _context.NewPageAsync());

    public async Task SignInAsync(string email, string password = UserRequests.Password)
    {
        await Page.GotoAsync("/login");
        await Page.GetByLabel("Email").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign In" }).ClickAsync();
        await Expect(Message).ToBeEditableAsync();
        // The scripts are there once the page has loaded.
        await Page.WaitForLoadStateAsync();
    }

    public Task OpenConversationAsync(string id) => Page.GotoAsync($"/chat/{id}");

    public async Task SendAsync(string message)
    {
        await Message.FillAsync(message);
        await Message.PressAsync("Enter");
    }

    /// <summary>Says something and waits for the answer's end.</summary>
    public async Task AskAsync(string message)
    {
        var answers = await Finished.CountAsync();
        await SendAsync(message);
        await Expect(Finished).ToHaveCountAsync(answers + 1);
    }

    /// <summary>One of the things that the menu of a conversation offers.</summary>
    public async Task ChooseAsync(string conversation, string action)
    {
        var item = Conversations.Filter(new() { HasText = conversation });
        await item.Locator("summary").ClickAsync();
        await item.GetByRole(AriaRole.Button, new() { Name = action, Exact = true }).ClickAsync();
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private void Follow()
    {
        _context.Console += (_, message) =>
        {
            if (message.Type is "error")
                _troubles.Enqueue($"{message.Page?.Url}: {message.Text} {message.Location}");
        };
        _context.WebError += (_, error) => _troubles.Enqueue($"{error.Page?.Url}: {error.Error}");
        _context.Dialog += async (_, dialog) =>
        {
            // The pages ask before they revoke a key, for example; none has anything else to say.
            if (dialog.Type != DialogType.Confirm)
                _troubles.Enqueue($"{dialog.Page?.Url}: {dialog.Type} {dialog.Message}");
            await dialog.AcceptAsync();
        };
        _context.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" or "ws" or "wss", Host: not "127.0.0.1" })
                _troubles.Enqueue($"another site is asked: {request.Url}");
        };
    }
}
