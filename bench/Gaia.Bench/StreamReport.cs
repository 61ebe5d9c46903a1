namespace Gaia.Bench;

/// <summary>What was seen of one stream. Times in microseconds.</summary>
/// <param name="asked">When the request was sent.</param>
/// <param name="count">Pieces that have to come.</param>
internal sealed class StreamReport(long asked, int count)
{
    private int _next;
    private bool _inOrder = true;
    private bool _ended;

    /// <summary>From the request to the first piece.</summary>
    public long First { get; private set; }

    /// <summary>Of the piece that came latest, after the time at which it was due.</summary>
    public long Late { get; private set; }

    public bool IsComplete => _inOrder && _ended && _next == count;

    /// <summary>Takes in what has come. Moves what may be the beginning of something to the front, and returns its length.</summary>
    public int Observe(Span<byte> bytes, long now)
    {
        var rest = bytes;
        while (rest.IndexOf((byte)'#') is >= 0 and var at && rest.Length - at >= Mark.Length)
        {
            rest = rest[at..];
            if (!Mark.TryRead(rest, out var index, out var due))
            {
                rest = rest[1..];
                continue;
            }

            if (_next == 0)
                First = now - asked;
            _inOrder &= index == _next++;
            Late = Math.Max(Late, now - due);
            rest = rest[Mark.Length..];
        }

        _ended |= bytes.IndexOf("[DONE]"u8) >= 0;
        var begun = rest.IndexOf((byte)'#');
        // Room for an end that is cut in two.
        var kept = Math.Max(begun < 0 ? 0 : rest.Length - begun, Math.Min(rest.Length, "[DONE]".Length - 1));
        rest[^kept..].CopyTo(bytes);
        return kept;
    }
}
