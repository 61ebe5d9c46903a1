using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;

namespace Gaia.Bench;

/// <summary>
/// A provider that speaks OpenAI's chat completions. A message <c>bench 64 20</c> asks for 64 pieces, one every 20 milliseconds;
/// 0 milliseconds is all at once. Without <c>"stream":true</c> the answer comes at once and whole.
/// </summary>
internal sealed class Provider(Pacer pacer)
{
    private const string Head = """{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","choices":[""";
    private const string Usage = "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":64,\"total_tokens\":76}";
    private static readonly byte[] Opening = Event($$"""{{Head}}{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""");
    private static readonly byte[] PieceStart = Encoding.ASCII.GetBytes($$$"""data: {{{Head}}}{"index":0,"delta":{"content":" """[..^1]);
    private static readonly byte[] PieceEnd = " \"},\"finish_reason\":null}]}\n\n"u8.ToArray();
    private static readonly byte[] Closing =
        [.. Event($$"""{{Head}}{"index":0,"delta":{},"finish_reason":"stop"}]}"""), .. Event($$"""{{Head}}],{{Usage}}}"""), .. "data: [DONE]\n\n"u8];

    public async Task AnswerAsync(HttpContext context)
    {
        var (streamed, count, interval) = await ReadAsync(context.Request.BodyReader);
        var output = context.Response.BodyWriter;
        if (!streamed)
        {
            context.Response.ContentType = "application/json";
            var marks = new byte[count * (Mark.Length + 1)];
            marks.AsSpan().Fill((byte)' ');
            for (var index = 0; index < count; index++)
                Mark.Write(marks.AsSpan(index * (Mark.Length + 1)), index, Mark.Now);
            var whole = Encoding.ASCII.GetBytes(
                $$$"""{"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"{{{Encoding.ASCII.GetString(marks)}}}"},"finish_reason":"stop"}],{{{Usage}}}}""");
            context.Response.ContentLength = whole.Length;
            await output.WriteAsync(whole);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        output.Write(Opening);
        var paced = new PacedAnswer(output, count, interval, context.RequestAborted);
        if (interval == 0)
            paced.WriteAll();
        else
            await pacer.RunAsync(paced);
        output.Write(Closing);
    }

    public static void WritePiece(PipeWriter output, int index, long due)
    {
        var length = PieceStart.Length + Mark.Length + PieceEnd.Length;
        var span = output.GetSpan(length);
        PieceStart.CopyTo(span);
        Mark.Write(span[PieceStart.Length..], index, due);
        PieceEnd.CopyTo(span[(PieceStart.Length + Mark.Length)..]);
        output.Advance(length);
    }

    private static async ValueTask<(bool Streamed, int Count, int Interval)> ReadAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            if (!result.IsCompleted)
            {
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            var asked = Parse(result.Buffer.IsSingleSegment ? result.Buffer.FirstSpan : result.Buffer.ToArray());
            input.AdvanceTo(result.Buffer.End);
            return asked;
        }
    }

    /// <summary>The last message counts: a conversation that goes on holds earlier ones.</summary>
    private static (bool Streamed, int Count, int Interval) Parse(ReadOnlySpan<byte> body)
    {
        var at = body.LastIndexOf("bench "u8);
        if (at < 0 || !Utf8Parser.TryParse(body[(at + 6)..], out int count, out var digits)
            || !Utf8Parser.TryParse(body[(at + 6 + digits + 1)..], out int interval, out _))
            throw new BadHttpRequestException("Say: bench <pieces> <milliseconds>");
        return (body.IndexOf("\"stream\":true"u8) >= 0, count, interval);
    }

    private static byte[] Event(string json) => Encoding.ASCII.GetBytes($"data: {json}\n\n");
}
