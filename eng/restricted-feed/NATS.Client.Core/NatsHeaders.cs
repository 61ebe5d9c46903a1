using Microsoft.Extensions.Primitives;

namespace NATS.Client.Core;

/// <summary>Headers of a message; read-only once the message was published.</summary>
public class NatsHeaders
{
    internal Dictionary<string, StringValues> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal int Code { get; private init; }

    internal bool IsReadOnly { get; set; }

    internal Activity? Activity { get; set; }

    public StringValues this[string key]
    {
        get => Values.GetValueOrDefault(key);
        set => (IsReadOnly ? throw new InvalidOperationException("Headers of a message that was sent are read-only.") : Values)[key] = value;
    }

    internal byte[] Write()
    {
        var text = new StringBuilder("NATS/1.0\r\n");
        foreach (var (key, value) in Values.SelectMany(header => header.Value, (header, value) => (header.Key, Value: value ?? "")))
        {
            if (key.Length == 0 || key.Any(c => c is <= ' ' or ':' or >= (char)127) || value.Contains("\r\n", StringComparison.Ordinal))
                throw new NatsException($"Invalid header '{key}': the key contains colon, space, or other non-printable ASCII characters, or the value contains CRLF");

            text.Append(key).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    internal static NatsHeaders Parse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.ASCII.GetString(bytes).Split("\r\n");
        var headers = new NatsHeaders { Code = lines[0].Split(' ') is [_, var status, ..] && int.TryParse(status, out var code) ? code : 0 };
        foreach (var line in lines[1..].Select(line => line.Split(':', 2)).Where(line => line.Length == 2))
            headers.Values[line[0]] = StringValues.Concat(headers[line[0]], line[1].Trim());

        headers.IsReadOnly = true;
        return headers;
    }
}
