using System.Collections;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace NATS.Client.Core;

/// <summary>Headers of a message; read-only once the message was published.</summary>
public class NatsHeaders : IDictionary<string, StringValues>
{
    private readonly Dictionary<string, StringValues> _values = new(StringComparer.OrdinalIgnoreCase);

    public int Code { get; internal set; }

    public string MessageText { get; internal set; } = "";

    public NatsException? Error { get; internal set; }

    public int Count => _values.Count;

    public bool IsReadOnly { get; private set; }

    public ICollection<string> Keys => _values.Keys;

    public ICollection<StringValues> Values => _values.Values;

    internal Activity? Activity { get; set; }

    public StringValues this[string key]
    {
        get => _values.TryGetValue(key, out var value) ? value : StringValues.Empty;
        set => Set(Writable, key, value);
    }

    public void Add(string key, StringValues value) => Writable.Add(key, value);

    public void Add(KeyValuePair<string, StringValues> item) => Writable.Add(item.Key, item.Value);

    public void Clear() => Writable.Clear();

    public bool Contains(KeyValuePair<string, StringValues> item) => _values.TryGetValue(item.Key, out var value) && value == item.Value;

    public bool ContainsKey(string key) => _values.ContainsKey(key);

    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex) => ((ICollection<KeyValuePair<string, StringValues>>)_values).CopyTo(array, arrayIndex);

    public bool Remove(string key) => Writable.Remove(key);

    public bool Remove(KeyValuePair<string, StringValues> item) => Contains(item) && Remove(item.Key);

    public bool TryGetValue(string key, out StringValues value) => _values.TryGetValue(key, out value);

    public bool TryGetLastValue(string key, [NotNullWhen(true)] out string? value)
    {
        value = _values.TryGetValue(key, out var values) ? values[^1] : null;
        return value is not null;
    }

    IEnumerator<KeyValuePair<string, StringValues>> IEnumerable<KeyValuePair<string, StringValues>>.GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _values.GetEnumerator();

    internal void SetReadOnly() => IsReadOnly = true;

    /// <summary>Trace context goes into headers that were published before, too.</summary>
    internal void SetAlways(string key, string value) => _values[key] = value;

    internal byte[] Write()
    {
        var text = new StringBuilder("NATS/1.0\r\n");
        foreach (var (key, values) in _values)
        {
            foreach (var value in values)
            {
                if (key.Length == 0 || key.Any(c => c is <= ' ' or ':' or >= (char)127))
                {
                    throw new NatsException($"Invalid header key '{key}': contains colon, space, or other non-printable ASCII characters");
                }

                if (value?.Contains("\r\n", StringComparison.Ordinal) == true)
                {
                    throw new NatsException($"Invalid header value for key '{key}': contains CRLF");
                }

                text.Append(key).Append(": ").Append(value).Append("\r\n");
            }
        }

        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    internal static NatsHeaders Parse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.ASCII.GetString(bytes).Split("\r\n");
        var status = lines[0].Split(' ', 3, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var headers = new NatsHeaders { Code = status.Length > 1 && int.TryParse(status[1], out var code) ? code : 0, MessageText = status.Length > 2 ? status[2] : "" };
        foreach (var line in lines[1..])
        {
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                headers._values[line[..colon]] = StringValues.Concat(headers[line[..colon]], line[(colon + 1)..].Trim());
            }
        }

        headers.SetReadOnly();
        return headers;
    }

    private Dictionary<string, StringValues> Writable => IsReadOnly
        ? throw new InvalidOperationException("The response headers cannot be modified because the response has already started.")
        : _values;

    private static void Set(Dictionary<string, StringValues> values, string key, StringValues value)
    {
        if (value.Count == 0)
        {
            values.Remove(key);
        }
        else
        {
            values[key] = value;
        }
    }
}
