using System.Buffers.Text;
using System.Diagnostics;

namespace Gaia.Bench;

/// <summary>
/// What each piece of a measured answer says: <c>#003:0000123456789012;</c>, its index and when it is due, in microseconds of the
/// machine's monotonic clock, which all processes share. Nothing in it is escaped in JSON, so a reader finds it in raw bytes.
/// A space follows it, for Gaia splits no words.
/// </summary>
internal static class Mark
{
    public const int Length = 22;
    private const int IndexDigits = 3;
    private const int TimeDigits = 16;

    public static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    public static void Write(Span<byte> target, int index, long due)
    {
        target[0] = (byte)'#';
        Utf8Formatter.TryFormat(index, target.Slice(1, IndexDigits), out _, new('D', IndexDigits));
        target[1 + IndexDigits] = (byte)':';
        Utf8Formatter.TryFormat(due, target.Slice(2 + IndexDigits, TimeDigits), out _, new('D', TimeDigits));
        target[Length - 1] = (byte)';';
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out int index, out long due)
    {
        due = 0;
        return Utf8Parser.TryParse(source.Slice(1, IndexDigits), out index, out var digits) && digits == IndexDigits
            && source[1 + IndexDigits] == (byte)':'
            && Utf8Parser.TryParse(source.Slice(2 + IndexDigits, TimeDigits), out due, out digits) && digits == TimeDigits
            && source[Length - 1] == (byte)';';
    }
}
