namespace Gaia.Chat.Idempotency;

/// <summary>Passes an answer on as it is written, and keeps a copy of it up to a size.</summary>
internal sealed class CopiedBody(Stream response, int maxSize) : Stream
{
    private readonly MemoryStream _copy = new();
    private bool _isTooLarge;

    /// <summary>Null when it grew too large to be kept.</summary>
    public byte[]? Copy => _isTooLarge ? null : _copy.ToArray();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Keep(buffer.Span);
        return response.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Keep(buffer.AsSpan(offset, count));
        response.Write(buffer, offset, count);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => response.FlushAsync(cancellationToken);

    public override void Flush() => response.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Keep(ReadOnlySpan<byte> piece)
    {
        _isTooLarge |= _copy.Length + piece.Length > maxSize;
        if (!_isTooLarge)
            _copy.Write(piece);
    }
}
