using System.Text;

namespace Gaia.Web.Chat.Markdown;

/// <summary>
/// Cuts a text that is still being written where a block of Markdown has ended, so that what is complete can be shown as it will be.
/// It errs towards cutting late; once the text is whole, all of it is rendered at once anyway.
/// </summary>
internal sealed class BlockSplitter
{
    private readonly StringBuilder _open = new();
    private int _scanned;
    private int _cut;
    /// <summary>Behind an empty line: a cut, if what follows begins at the margin.</summary>
    private int _candidate;
    private string? _fence;
    private bool _hasText;

    /// <summary>What has not been taken yet.</summary>
    public string Rest => _open.ToString();

    /// <summary>Adds a piece; returns the blocks that are complete with it, or null.</summary>
    public string? Add(string piece)
    {
        var begin = _open.Length;
        _open.Append(piece);
        // Only what is new is looked through, so that a line of any length costs no more than its length.
        for (var at = piece.IndexOf('\n', StringComparison.Ordinal); at >= 0; at = piece.IndexOf('\n', at + 1))
        {
            var end = begin + at;
            Scan(_open.ToString(_scanned, end - _scanned), end + 1);
            _scanned = end + 1;
        }

        // The line that is still open decides as soon as it has begun.
        if (_candidate > 0 && _open.Length > _scanned && !char.IsWhiteSpace(_open[_scanned]))
            (_cut, _candidate, _hasText) = (_candidate, 0, false);
        if (_cut == 0)
            return null;
        var complete = _open.ToString(0, _cut);
        _open.Remove(0, _cut);
        _scanned -= _cut;
        _candidate = Math.Max(0, _candidate - _cut);
        _cut = 0;
        return complete;
    }

    private void Scan(string line, int next)
    {
        var text = line.Trim();
        if (_fence is { } fence)
        {
            // A fence ends with as many of its characters, or more, and nothing else.
            if (text.StartsWith(fence, StringComparison.Ordinal) && text.Trim(fence[0]).Length == 0)
                _fence = null;
        }
        else if (text.Length > 0)
        {
            // A line that is indented goes on with what came before the empty one.
            if (_candidate > 0 && !char.IsWhiteSpace(line[0]))
                _cut = _candidate;
            (_candidate, _hasText) = (0, true);
            _fence = FenceOf(text);
        }
        else if (_hasText)
        {
            _candidate = next;
        }
    }

    private static string? FenceOf(string text)
    {
        if (text.StartsWith("$$", StringComparison.Ordinal))
            return text.Length > 2 && text.IndexOf("$$", 2, StringComparison.Ordinal) > 0 ? null : "$$";
        if (text.Length < 3 || text[0] is not ('`' or '~'))
            return null;
        var count = text.TakeWhile(character => character == text[0]).Count();
        return count < 3 || (text[0] == '`' && text.IndexOf('`', count) >= 0) ? null : text[..count];
    }
}
