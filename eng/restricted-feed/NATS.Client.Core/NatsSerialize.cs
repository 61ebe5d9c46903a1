using System.Buffers;
using System.Text;

namespace NATS.Client.Core;

public interface INatsSerialize<in T>
{
    void Serialize(IBufferWriter<byte> bufferWriter, T value);
}

public interface INatsDeserialize<out T>
{
    T? Deserialize(in ReadOnlySequence<byte> buffer);
}

/// <summary>Bytes and strings; the real default also knows numbers, dates and Guids, and behind the Aspire package JSON.</summary>
internal sealed class RawSerializer<T> : INatsSerialize<T>, INatsDeserialize<T>
{
    public static readonly RawSerializer<T> Default = new();

    public void Serialize(IBufferWriter<byte> bufferWriter, T value) => bufferWriter.Write(value switch
    {
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> memory => memory.Span,
        string text => Encoding.UTF8.GetBytes(text),
        _ => throw Unsupported(),
    });

    public T? Deserialize(in ReadOnlySequence<byte> buffer)
    {
        var bytes = buffer.ToArray();
        return bytes.Length == 0 ? default
            : typeof(T) == typeof(byte[]) ? (T)(object)bytes
            : typeof(T) == typeof(ReadOnlyMemory<byte>) ? (T)(object)new ReadOnlyMemory<byte>(bytes)
            : typeof(T) == typeof(string) ? (T)(object)Encoding.UTF8.GetString(bytes)
            : throw Unsupported();
    }

    private static NotSupportedException Unsupported() => new($"{typeof(T)} as a message needs a serializer of one's own here, or the real package NATS.Net.");
}
