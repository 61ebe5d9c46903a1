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

public interface INatsSerializer<T> : INatsSerialize<T>, INatsDeserialize<T>
{
    INatsSerializer<T> CombineWith(INatsSerializer<T> next);
}

public interface INatsSerializerRegistry
{
    INatsSerialize<T> GetSerializer<T>();

    INatsDeserialize<T> GetDeserializer<T>();
}

/// <summary>Bytes and strings; the real one also knows numbers, dates and Guids, and behind the Aspire package JSON.</summary>
public class NatsDefaultSerializerRegistry : INatsSerializerRegistry
{
    public static readonly NatsDefaultSerializerRegistry Default = new();

    public INatsSerialize<T> GetSerializer<T>() => RawSerializer<T>.Default;

    public INatsDeserialize<T> GetDeserializer<T>() => RawSerializer<T>.Default;
}

internal sealed class RawSerializer<T> : INatsSerialize<T>, INatsDeserialize<T>
{
    public static readonly RawSerializer<T> Default = new();

    public void Serialize(IBufferWriter<byte> bufferWriter, T value)
    {
        switch (value)
        {
            case byte[] bytes:
                bufferWriter.Write(bytes);
                break;
            case ReadOnlyMemory<byte> memory:
                bufferWriter.Write(memory.Span);
                break;
            case Memory<byte> memory:
                bufferWriter.Write(memory.Span);
                break;
            case string text:
                Encoding.UTF8.GetBytes(text, bufferWriter);
                break;
            default:
                throw Unsupported();
        }
    }

    public T? Deserialize(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length == 0)
        {
            return default;
        }

        var bytes = buffer.ToArray();
        object value = typeof(T) == typeof(byte[]) ? bytes
            : typeof(T) == typeof(ReadOnlyMemory<byte>) ? new ReadOnlyMemory<byte>(bytes)
            : typeof(T) == typeof(Memory<byte>) ? new Memory<byte>(bytes)
            : typeof(T) == typeof(string) ? Encoding.UTF8.GetString(bytes)
            : throw Unsupported();
        return (T)value;
    }

    private static NotSupportedException Unsupported() => new($"{typeof(T)} as a message needs a serializer of one's own here, or the real package NATS.Net.");
}
