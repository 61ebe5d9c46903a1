using System.Globalization;
using System.Net;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Microsoft.AspNetCore.Components;

namespace Gaia.Web.Chat.Markdown;

/// <summary>
/// Makes HTML of what a model says. Nothing in it is trusted: raw HTML is text, a link leads only where <see cref="LinkRules"/> allows,
/// and nothing is loaded from anywhere. There is no style attribute in it, as the pages' policy forbids them.
/// </summary>
internal static class MarkdownRenderer
{
    /// <summary>A longer text is shown as it is: the time that Markdown takes has to be bounded.</summary>
    internal const int MaxLength = 100_000;

    /// <summary>The headings of a message are below those of its page.</summary>
    private const int HeadingShift = 2;

    private const int MaxNesting = 48;

    private static readonly MarkdownPipeline Pipeline = Build();

    public static MarkupString Render(string? text) => new(ToHtml(text ?? ""));

    internal static string ToHtml(string text)
    {
        if (text.Length > MaxLength)
            return Plain(text);
        try
        {
            var document = Markdig.Markdown.Parse(text, Pipeline);
            Adapt(document);
            using var writer = new StringWriter(CultureInfo.InvariantCulture);
            var renderer = new HtmlRenderer(writer);
            Pipeline.Setup(renderer);
            renderer.ObjectRenderers.Replace<LinkInlineRenderer>(new SafeLinkRenderer());
            renderer.ObjectRenderers.Replace<AutolinkInlineRenderer>(new SafeAutolinkRenderer());
            renderer.ObjectRenderers.Replace<CodeBlockRenderer>(new CopyableCodeRenderer());
            renderer.ObjectRenderers.Replace<HtmlTaskListRenderer>(new TaskMarkRenderer());
            renderer.ObjectRenderers.Replace<HtmlTableRenderer>(new ScrollingTableRenderer());
            renderer.Render(document);
            return writer.ToString();
        }
        catch (ArgumentException)
        {
            // Markdig's only way to say that a text is nested too deeply.
            return Plain(text);
        }
    }

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder()
            .UsePipeTables()
            .UseTaskLists()
            .UseMathematics()
            .UseAutoLinks()
            .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
            .DisableHtml();
        builder.MaximumNestingDepth = MaxNesting;
        return builder.Build();
    }

    private static string Plain(string text) => $"<p class=\"plain\">{WebUtility.HtmlEncode(text)}</p>";

    private static void Adapt(MarkdownDocument document)
    {
        foreach (var block in document.Descendants())
        {
            if (block is HeadingBlock heading)
                heading.Level = Math.Min(6, heading.Level + HeadingShift);
            else if (block is Table table)
                AlignByClass(table);
        }
    }

    /// <summary>Markdig aligns with style attributes.</summary>
    private static void AlignByClass(Table table)
    {
        foreach (var row in table.OfType<TableRow>())
        {
            for (var column = 0; column < row.Count; column++)
            {
                var alignment = column < table.ColumnDefinitions.Count ? table.ColumnDefinitions[column].Alignment : null;
                if (alignment is TableColumnAlign.Center or TableColumnAlign.Right)
                    row[column].GetAttributes().AddClass(alignment == TableColumnAlign.Center ? "align-center" : "align-right");
            }
        }

        foreach (var column in table.ColumnDefinitions)
            (column.Alignment, column.Width) = (null, 0);
    }
}
