using System.Diagnostics;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Gaia.Web.Chat.Markdown;

namespace Gaia.Tests.Web.Chat;

public sealed class MarkdownTests
{
    private static readonly string[] Elements =
    [
        "p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "br", "em", "strong", "del", "code", "pre", "a", "div", "span", "button",
        "table", "thead", "tbody", "tr", "th", "td",
    ];

    private static readonly string[] Attributes =
        ["class", "href", "rel", "target", "title", "type", "hidden", "tabindex", "role", "aria-label", "data-copy-code", "start"];

    public static TheoryData<string> Payloads =>
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example/x.js></sCrIpT>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe src=\"javascript:alert(1)\"></iframe>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<div style=\"background:url(javascript:alert(1))\">x</div>",
        "<!--<img src=x onerror=alert(1)>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<?php echo 1 ?><script>alert(1)</script>",
        "<details open ontoggle=alert(1)>",
        "<body onload=alert(1)>",
        "<form><button formaction=javascript:alert(1)>x",
        "<base href=//evil.example/>",
        "<meta http-equiv=refresh content=0;url=//evil.example>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](  javascript:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](java&#10;script:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](javascript&#x3A;alert(1))",
        "[x](\u0001javascript:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](vbscript:msgbox(1))",
        "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[x](file:///etc/passwd)",
        "[x](blob:https://evil.example/1)",
        "[x](https://a.example \"t\" onclick=\"alert(1)\")",
        "[x](https://a.example/\" onmouseover=\"alert(1))",
        "[x](https://a.example 'x\" onclick=\"alert(1)')",
        "[a]: javascript:alert(1)\n\n[a]",
        "[a]: <javascript:alert(1)> \"t\"\n\n[x][a] ![y][a]",
        "![x](javascript:alert(1))",
        "![x](https://evil.example/pixel.png)",
        "![x](/logout)",
        "[x](/logout)",
        "[x](//evil.example/)",
        "[x](http:logout)",
        "![x](x\" onerror=\"alert(1))",
        "![\" onerror=\"alert(1)](https://a.example/x.png)",
        "<javascript:alert(1)>",
        "<data:text/html,x>",
        "<x@y.example\"onclick=alert(1)>",
        "http://a.example/\"onmouseover=\"alert(1)",
        "[![x](javascript:alert(1))](javascript:alert(2))",
        "[![x](https://a.example/x.png)](https://b.example)",
        "```\"><script>alert(1)</script>\nx\n```",
        "```js\" onload=\"alert(1)\nx\n```",
        "```html\n<script>alert(1)</script>\n```",
        "~~~<img src=x onerror=alert(1)>\nx\n~~~",
        "`<img src=x onerror=alert(1)>`",
        "    <script>alert(1)</script>",
        "| <script>alert(1)</script> | b |\n|:-:|--:|\n| <img src=x onerror=alert(1)> | [x](javascript:alert(1)) |",
        "- [ ] <script>alert(1)</script>\n- [x] <img src=x onerror=alert(1)>",
        "$<script>alert(1)</script>$",
        "$$\n<img src=x onerror=alert(1)>\n$$",
        "$$\\href{javascript:alert(1)}{x}$$",
        "# <script>alert(1)</script> {onclick=alert(1)}",
        "text {: onclick=alert(1) }",
        "::: <script>\nx\n:::",
        "\\<script>alert(1)\\</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<p title=\"</p><script>alert(1)</script>\">",
        "\u2028<script>alert(1)</script>\u0000<img src=x onerror=alert(1)>",
    ];

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Nothing_that_a_message_says_runs_loads_or_leads_where_it_must_not(string payload)
    {
        foreach (var text in new[] { payload, $"before {payload} after", $"> {payload}", $"- {payload}", $"**{payload}**", $"# {payload}" })
            AssertHarmless(MarkdownRenderer.ToHtml(text));
    }

    [Fact]
    public void Shows_tables_tasks_code_and_formulas()
    {
        var page = Parse(MarkdownRenderer.ToHtml("""
            # Title

            | a | b |
            |---|--:|
            | 1 | 2 |

            - [x] done
            - [ ] to do

            ```C#
            var x = 1 < 2;
            ```

            Inline $a^2$ and

            $$
            b^2
            $$

            ~~gone~~ https://example.com
            """));

        Assert.Equal("Title", page.QuerySelector("h3")!.TextContent);
        Assert.Equal("2", page.QuerySelector("td.align-right")!.TextContent);
        Assert.Equal(["Done", "To do"], page.QuerySelectorAll(".task-mark").Select(mark => mark.GetAttribute("aria-label")));
        Assert.Equal("var x = 1 < 2;\n", page.QuerySelector("code.language-c\\#")!.TextContent);
        Assert.NotNull(page.QuerySelector(".code-block button[data-copy-code]"));
        Assert.Contains("a^2", page.QuerySelector("span.math")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("b^2", page.QuerySelector("div.math")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("gone", page.QuerySelector("del")!.TextContent);
        Assert.Equal("https://example.com", page.QuerySelector("a")!.GetAttribute("href"));
    }

    [Theory]
    [InlineData("[x](https://example.com/a?b=c#d)", "https://example.com/a?b=c#d")]
    [InlineData("[x](http://example.com)", "http://example.com")]
    [InlineData("[x](mailto:a@example.com)", "mailto:a@example.com")]
    [InlineData("<a@example.com>", "mailto:a@example.com")]
    [InlineData("[x](#section)", "#section")]
    [InlineData("![x](https://example.com/x.png)", "https://example.com/x.png")]
    public void A_link_leads_on_in_a_new_tab_and_tells_nothing(string text, string href)
    {
        var link = Parse(MarkdownRenderer.ToHtml(text)).QuerySelector("a")!;

        Assert.Equal(href, link.GetAttribute("href"));
        Assert.Equal("noopener noreferrer nofollow", link.GetAttribute("rel"));
        Assert.Equal("_blank", link.GetAttribute("target"));
    }

    [Theory]
    [InlineData(">")]
    [InlineData("- ")]
    [InlineData("[")]
    [InlineData("![")]
    [InlineData("*a **b ")]
    [InlineData("`")]
    [InlineData("$")]
    [InlineData("|")]
    [InlineData("<a")]
    [InlineData("&")]
    [InlineData("](")]
    [InlineData("_a__b")]
    public void A_text_made_to_be_slow_is_not(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length));
        var started = Stopwatch.GetTimestamp();

        AssertHarmless(MarkdownRenderer.ToHtml(text));

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), $"It took {Stopwatch.GetElapsedTime(started)}.");
    }

    [Fact]
    public void What_is_too_long_or_too_deep_is_shown_as_it_is()
    {
        foreach (var text in new[] { new string('<', 100_001), string.Concat(Enumerable.Repeat("> ", 2000)) + "deep <b>" })
        {
            var page = Parse(MarkdownRenderer.ToHtml(text));
            Assert.Equal(text, page.QuerySelector("p.plain")!.TextContent);
        }
    }

    private static IElement Parse(string html) => new HtmlParser().ParseDocument($"<body>{html}").Body!;

    private static void AssertHarmless(string html)
    {
        foreach (var element in Parse(html).Descendants<IElement>())
        {
            Assert.Contains(element.LocalName, Elements);
            foreach (var attribute in element.Attributes)
                Assert.Contains(attribute.Name, Attributes);
            if (element.GetAttribute("href") is not { } href)
                continue;
            // As a browser would: on a page of ours.
            var url = new AngleSharp.Dom.Url(new AngleSharp.Dom.Url("https://gaia.example/chat"), href);
            Assert.Contains(url.Scheme, new[] { "http", "https", "mailto" });
            Assert.True(href.StartsWith('#') || url.HostName != "gaia.example", href);
        }
    }
}
