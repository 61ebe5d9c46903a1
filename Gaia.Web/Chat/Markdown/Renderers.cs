using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Gaia.Web.Chat.Markdown;

/// <summary>A link, if it may lead there; an image is one, too, as nothing is loaded because a message says so.</summary>
internal sealed class SafeLinkRenderer : HtmlObjectRenderer<LinkInline>
{
    internal const string Attributes = " rel=\"noopener noreferrer nofollow\" target=\"_blank\"";

    protected override void Write(HtmlRenderer renderer, LinkInline obj)
    {
        var url = obj.GetDynamicUrl?.Invoke() ?? obj.Url;
        var isLink = renderer.EnableHtmlForInline && LinkRules.IsAllowed(url) && !IsInLink(obj);
        if (isLink)
        {
            renderer.Write("<a href=\"").WriteEscapeUrl(url);
            renderer.Write('"').Write(Attributes);
            if (!string.IsNullOrEmpty(obj.Title))
                renderer.Write(" title=\"").WriteEscape(obj.Title).Write('"');
            renderer.Write('>');
        }

        if (obj.FirstChild is null)
            renderer.WriteEscape(obj.IsImage ? "image" : url ?? "");
        renderer.WriteChildren(obj);
        if (isLink)
            renderer.Write("</a>");
    }

    private static bool IsInLink(LinkInline link)
    {
        for (var parent = link.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent is LinkInline)
                return true;
        }

        return false;
    }
}

/// <summary>An address in angle brackets.</summary>
internal sealed class SafeAutolinkRenderer : HtmlObjectRenderer<AutolinkInline>
{
    protected override void Write(HtmlRenderer renderer, AutolinkInline obj)
    {
        var url = obj.IsEmail ? $"mailto:{obj.Url}" : obj.Url;
        if (!renderer.EnableHtmlForInline || !LinkRules.IsAllowed(url))
        {
            renderer.WriteEscape(obj.Url);
            return;
        }

        renderer.Write("<a href=\"").WriteEscapeUrl(url);
        renderer.Write('"').Write(SafeLinkRenderer.Attributes).Write('>').WriteEscape(obj.Url).Write("</a>");
    }
}

/// <summary>Code with its language and a button that copies it, which a script brings to life.</summary>
internal sealed class CopyableCodeRenderer : HtmlObjectRenderer<CodeBlock>
{
    private const int MaxLanguageLength = 24;

    protected override void Write(HtmlRenderer renderer, CodeBlock obj)
    {
        var language = Language((obj as FencedCodeBlock)?.Info);
        renderer.EnsureLine();
        renderer.Write("<div class=\"code-block\"><div class=\"code-head\"><span class=\"code-language\">").Write(language ?? "code")
            .Write("</span><button type=\"button\" class=\"code-copy\" data-copy-code hidden>Copy</button></div><pre tabindex=\"0\" role=\"group\" aria-label=\"")
            .Write(language is null ? "Code" : $"Code in {language}").Write("\"><code");
        if (language is not null)
            renderer.Write($" class=\"language-{language}\"");
        renderer.Write('>').WriteLeafRawLines(obj, true, true);
        renderer.WriteLine("</code></pre></div>");
    }

    /// <summary>The first word behind the fence, if it looks like a language.</summary>
    private static string? Language(string? info) =>
        info is { Length: > 0 and <= MaxLanguageLength } && info.All(static x => char.IsAsciiLetterOrDigit(x) || x is '+' or '#' or '-' or '_' or '.') ? info.ToLowerInvariant() : null;
}

/// <summary>The box of a task: a picture of one, as nobody can tick it.</summary>
internal sealed class TaskMarkRenderer : HtmlObjectRenderer<TaskList>
{
    protected override void Write(HtmlRenderer renderer, TaskList obj) => renderer.Write(obj.Checked
        ? "<span class=\"task-mark\" role=\"img\" aria-label=\"Done\">☑</span>"
        : "<span class=\"task-mark\" role=\"img\" aria-label=\"To do\">☐</span>");
}

/// <summary>A table that is wider than its message scrolls in it, by keyboard too.</summary>
internal sealed class ScrollingTableRenderer : HtmlTableRenderer
{
    protected override void Write(HtmlRenderer renderer, Table table)
    {
        renderer.EnsureLine();
        renderer.WriteLine("<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">");
        base.Write(renderer, table);
        renderer.WriteLine("</div>");
    }
}
