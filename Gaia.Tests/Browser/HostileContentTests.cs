using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gaia.Tests.Browser;

/// <summary>Script that comes with somebody's text never runs. Each payload sets window.pwned or opens an alert, should it run.</summary>
public sealed class HostileContentTests(BrowserStack stack) : BrowserTest(stack)
{
    private static readonly string[] Payloads =
    [
        "<script>window.pwned=1;alert(1)</script>",
        "<img src=x onerror=\"window.pwned=1\">",
        "<svg/onload=window.pwned=1>",
        "<svg><script>window.pwned=1</script></svg>",
        "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
        "\"><img src=x onerror=window.pwned=1>",
        "'><script>window.pwned=1</script>",
        "\" autofocus onfocus=\"window.pwned=1",
        "' onmouseover='window.pwned=1",
        "</textarea><script>window.pwned=1</script>",
        "</title><script>window.pwned=1</script>",
        "</code></pre><script>window.pwned=1</script>",
        "<iframe srcdoc=\"<script>parent.pwned=1</script>\"></iframe>",
        "<iframe src=\"javascript:parent.pwned=1\"></iframe>",
        "<details open ontoggle=window.pwned=1>",
        "<body onload=window.pwned=1>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=window.pwned=1&gt;\">",
        "<noscript><p title=\"</noscript><img src=x onerror=window.pwned=1>\">",
        "<form action=javascript:window.pwned=1><button autofocus>x</button></form>",
        "<a href=\"javascript:window.pwned=1\">a</a>",
        "<div hx-get=\"/logout\" hx-trigger=\"load\">x</div>",
        "<div data-hx-on:load=\"window.pwned=1\" hx-on::load=\"window.pwned=1\">x</div>",
        "<meta http-equiv=\"refresh\" content=\"0;url=javascript:window.pwned=1\">",
        "<base href=\"https://evil.example/\">",
        "<link rel=stylesheet href=\"https://evil.example/x.css\">",
        "<template shadowrootmode=open><script>window.pwned=1</script></template>",
        "{{constructor.constructor('window.pwned=1')()}}",
        "${window.pwned=1}",
        "<!--><script>window.pwned=1</script-->",
        "<x onclick=window.pwned=1 tabindex=0 autofocus onfocus=window.pwned=1>",
        "\u202e<script>window.pwned=1</script>",
        "<\0script>window.pwned=1</\0script>".Replace("\0", ""),
    ];

    private static readonly string[] MarkdownPayloads =
    [
        "[a](javascript:window.pwned=1)",
        "[a](JaVaScRiPt:window.pwned=1)",
        "[a](java&#x0A;script:window.pwned=1)",
        "[a](&#106;avascript:window.pwned=1)",
        "[a](data:text/html;base64,PHNjcmlwdD5wYXJlbnQucHduZWQ9MTwvc2NyaXB0Pg==)",
        "[a](vbscript:msgbox)",
        "[a](<javascript:window.pwned=1>)",
        "[a][1]\n\n[1]: javascript:window.pwned=1",
        "<javascript:window.pwned=1>",
        "![a](x\"onerror=\"window.pwned=1)",
        "![a](https://evil.example/pixel.png)",
        "![a\" onerror=\"window.pwned=1](x)",
        "[a](https://example.com \"\" onmouseover=window.pwned=1 \")",
        "```\"><img src=x onerror=window.pwned=1>\ncode\n```",
        "```html\n<img src=x onerror=window.pwned=1>\n```",
        "```evil.html:<script>window.pwned=1</script>\ncode\n```",
        "`<img src=x onerror=window.pwned=1>`",
        "| <img src=x onerror=window.pwned=1> |\n|---|\n| <svg onload=window.pwned=1> |",
        "$\\href{javascript:window.pwned=1}{x}$",
        "$\\htmlData{x=1}{\\includegraphics{https://evil.example/x.png}}$",
        "$$\\text{<img src=x onerror=window.pwned=1>}$$",
        "$$\\def\\a{\\a\\a}\\a$$",
        "# <img src=x onerror=window.pwned=1> {onclick=window.pwned=1}",
        "https://example.com/\"onmouseover=\"window.pwned=1",
        "x{style=\"position:fixed\" onclick=\"window.pwned=1\"}",
        "&lt;script&gt;window.pwned=1&lt;/script&gt;",
        "[^1]\n\n[^1]: <script>window.pwned=1</script>",
    ];

    [Fact]
    public async Task Script_in_a_message_or_an_answer_never_runs()
    {
        // Alone, so that each is a block of its own, and in the middle of a line.
        var everything = string.Join("\n\n", Payloads.Concat(MarkdownPayloads)) + "\n\n" + string.Join(" ", Payloads);
        Stack.Answer("Answer with it", everything);
        using var caller = await RegisterAsync();
        var person = await SignInAsync(caller, new() { BypassCSP = false });

        // As it is made: in pieces that cut through tags, links and fences.
        var held = Stack.Hold("Answer slowly with it");
        await person.SendAsync("Answer slowly with it");
        for (var at = 0; at < everything.Length; at += 97)
            held.Say(everything.Substring(at, Math.Min(97, everything.Length - at)));
        held.End();
        await Expect(person.Finished).ToHaveCountAsync(1);
        await CalmAsync(person);

        await person.SendAsync(everything);
        await Expect(person.Finished).ToHaveCountAsync(2);
        await Expect(person.Questions.Last.Locator(".message-text")).ToContainTextAsync("<script>window.pwned=1;alert(1)</script>");
        await CalmAsync(person);

        // Read again, edited, found, shared and exported.
        await person.Page.ReloadAsync();
        await Expect(person.Finished).ToHaveCountAsync(2);
        await CalmAsync(person);
        await person.Questions.Last.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await Expect(person.Page.GetByLabel("Your message", new() { Exact = true })).ToHaveValueAsync(everything);
        await CalmAsync(person);
        await person.Page.GetByLabel("Search conversations").FillAsync("onerror");
        await Expect(person.Conversations).ToHaveCountAsync(1);
        await CalmAsync(person);
        var conversation = new Uri(person.Page.Url).Segments[^1];
        var share = (await caller.SendAsync(HttpMethod.Post, $"/api/v1/conversations/{conversation}/share", new { })).GetProperty("token").GetString();
        await person.Page.GotoAsync($"/shared/{share}");
        await Expect(person.Page.Locator("article")).ToHaveCountAsync(4);
        await CalmAsync(person);
    }

    [Fact]
    public async Task Script_in_a_title_a_personas_name_or_a_link_that_is_shared_never_runs()
    {
        using var caller = await RegisterAsync();
        foreach (var payload in Payloads)
        {
            var title = payload.Length > 200 ? payload[..200] : payload;
            await caller.BeginAsync(title, "Hello");
            await caller.SendAsync(HttpMethod.Post, "/api/v1/personas", new { name = payload.Length > 100 ? payload[..100] : payload, description = payload, system_prompt = "You are harmless." });
        }

        var person = await SignInAsync(caller);
        await Expect(person.Conversations).ToHaveCountAsync(30);
        await Expect(person.Page.Locator("[data-choice=persona] option")).ToHaveCountAsync(Payloads.Length + 2);
        await CalmAsync(person);
        await person.Page.GetByLabel("Search conversations").FillAsync("pwned");
        await Expect(person.Page.Locator("#search-status")).ToContainTextAsync("for \"pwned\"");
        await CalmAsync(person);
        foreach (var index in (int[])[0, 9, 19])
        {
            var item = person.Conversations.Nth(index);
            var title = await item.Locator(".gaia-conversation-title").InnerTextAsync();
            await item.Locator("a").ClickAsync();
            await Expect(person.Page.Locator("#chat-title")).ToHaveTextAsync(title);
            await CalmAsync(person);
        }

        await person.Page.ReloadAsync();
        await Expect(person.Conversations).ToHaveCountAsync(30);
        await CalmAsync(person);
        // Names of files, which a title becomes.
        var download = await person.Page.RunAndWaitForDownloadAsync(async () =>
        {
            await person.Page.Locator(".chat-tools summary").ClickAsync();
            await person.Page.GetByRole(AriaRole.Link, new() { Name = "JSON" }).ClickAsync();
        });
        Assert.DoesNotContain(download.SuggestedFilename, character => character is '<' or '>' or '/' or '"');

        await person.Conversations.First.Locator("summary").ClickAsync();
        await person.Conversations.First.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(person.Page.Locator("#toast-container")).ToContainTextAsync("Deleted");
        await CalmAsync(person);
    }

    [Fact]
    public async Task Script_in_a_search_an_address_or_a_name_never_runs()
    {
        using var caller = await RegisterAsync($"onerror=pwned+1{Guid.NewGuid():N}@example.com");
        var person = await OpenAsync();
        person.Tolerate("404", "400");
        // Several at once, in each quotation: what one leaves open another closes.
        foreach (var some in Payloads.Chunk(11))
        {
            var escaped = Uri.EscapeDataString(string.Concat(some));
            foreach (var path in (string[])[$"/login?return_url={escaped}", $"/email-verification?email={escaped}", $"/auth/confirm?type=signup&token={escaped}&email={escaped}", $"/register?return_url={escaped}"])
            {
                await person.Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.DOMContentLoaded });
                await CalmAsync(person);
            }
        }

        await person.SignInAsync(caller.Email);
        foreach (var payload in (string[])[Payloads[0], Payloads[1], Payloads[5], Payloads[10], Payloads[26]])
        {
            await person.Page.GotoAsync("/profile");
            await person.Page.GetByLabel("Name", new() { Exact = true }).FillAsync(payload);
            await person.Page.GetByRole(AriaRole.Button, new() { Name = "Save name" }).ClickAsync();
            await Expect(person.Page.GetByText("Profile updated")).ToBeVisibleAsync();
            await person.Page.GotoAsync("/chat");
            await Expect(person.Page.Locator("#welcome-message")).ToContainTextAsync(payload.Trim());
            await CalmAsync(person);
        }

        var search = person.Page.GetByLabel("Search conversations");
        foreach (var payload in Payloads.Take(5))
        {
            await search.FillAsync(payload);
            await Expect(person.Page.Locator("#search-status")).ToContainTextAsync(payload);
            await CalmAsync(person);
        }
    }

    /// <summary>Nothing ran, and there is nothing on the page that could: its elements are those that the pages are made of.</summary>
    private static async Task CalmAsync(Person person)
    {
        // The field that grows with what is typed has a height of its own, set by a script of ours.
        var found = await person.Page.EvaluateAsync<string[]>("""
            () => [
              ...("pwned" in window ? ["a script ran"] : []),
              ...[...document.querySelectorAll("*")].flatMap((element) => [
                ...(/^(script|iframe|object|embed|base|form|svg|img|link|meta|style|template|x)$/i.test(element.localName) && element.closest("article, .gaia-conversation-title, .conversation-snippet, .welcome, #toast-container") && !element.matches(".edit-form") ? [element.outerHTML.slice(0, 200)] : []),
                ...[...element.attributes].filter(({ name, value }) => /^on|^(data-)?hx-on|^srcdoc$/i.test(name) || (name === "style" && element.localName !== "textarea") || (/^(href|src|action|formaction|xlink:href)$/i.test(name) && !/^(https?|mailto):$/.test(new URL(value, location).protocol))).map(({ name, value }) => `${element.localName} ${name}=${value}`),
              ]),
            ]
            """);
        Assert.True(found.Length == 0, string.Join("\n", found));
        person.HasNoTroubles();
    }
}
