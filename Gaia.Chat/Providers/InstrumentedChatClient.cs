using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Gaia.ServiceDefaults.Telemetry;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Providers;

/// <summary>
/// A span and metrics for each call of a model, in OpenTelemetry's names for generative AI
/// (https://opentelemetry.io/docs/specs/semconv/gen-ai/). Never carries text of a prompt or an answer.
/// </summary>
internal sealed class InstrumentedChatClient(IChatClient inner, string provider) : DelegatingChatClient(inner)
{
    private static readonly Histogram<double> Duration = GaiaTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "Duration of a model's answer.", advice: Buckets(
            0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92));

    private static readonly Histogram<double> TimeToFirstChunk = GaiaTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.time_to_first_chunk", "s", "Time to the first piece of a model's answer.", advice: Buckets(
            0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10));

    private static readonly Histogram<long> Tokens = GaiaTelemetry.Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens used by a call.", advice: Buckets<long>(
            1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864));

    private readonly Uri? _server = inner.GetService<ChatClientMetadata>()?.ProviderUri;

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = new Call(Start(options), provider, options?.ModelId);
        try
        {
            await using var answer = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await answer.MoveNextAsync())
                        break;
                }
                catch (Exception exception)
                {
                    call.Failed(exception);
                    throw;
                }

                call.Observe(answer.Current);
                yield return answer.Current;
                // An iterator resumes in its caller's context: https://github.com/dotnet/runtime/issues/47802
                call.Resume();
            }

            call.Completed = true;
        }
        finally
        {
            call.End();
        }
    }

    private Activity? Start(ChatOptions? options)
    {
        var activity = GaiaTelemetry.Source.StartActivity($"chat {options?.ModelId}", ActivityKind.Client);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.provider.name", provider).SetTag("gen_ai.request.model", options?.ModelId)
            .SetTag("gen_ai.request.stream", true);
        if (_server is not null)
            activity.SetTag("server.address", _server.Host).SetTag("server.port", _server.Port);
        return activity;
    }

    private static InstrumentAdvice<double> Buckets(params double[] bounds) => Buckets<double>(bounds);

    private static InstrumentAdvice<T> Buckets<T>(params T[] bounds) where T : struct => new() { HistogramBucketBoundaries = bounds };

    /// <summary>What is known of one call.</summary>
    private sealed class Call(Activity? activity, string provider, string? model)
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private readonly ReportedUsage _usage = new();
        private string? _responseId;
        private string? _responseModel;
        private string? _finishReason;
        private string? _error;
        private TimeSpan? _firstChunk;

        public bool Completed { get; set; }

        public void Observe(ChatResponseUpdate update)
        {
            _responseId ??= update.ResponseId;
            _responseModel ??= update.ModelId;
            _finishReason ??= update.FinishReason?.Value;
            foreach (var content in update.Contents)
            {
                if (content is UsageContent { Details: var usage })
                {
                    _usage.Add(usage);
                }
                else if (_firstChunk is null && content is TextContent { Text.Length: > 0 })
                {
                    _firstChunk = Stopwatch.GetElapsedTime(_started);
                }
            }
        }

        public void Failed(Exception exception) => _error = exception switch
        {
            ProviderException fault => fault.ErrorType,
            OperationCanceledException => "cancelled",
            _ => exception.GetType().FullName,
        };

        public void Resume()
        {
            if (activity is not null)
                Activity.Current = activity;
        }

        public void End()
        {
            // Whoever reads the answer left before its end.
            if (!Completed)
                _error ??= "cancelled";

            var tags = new TagList
            {
                { "gen_ai.operation.name", "chat" }, { "gen_ai.provider.name", provider },
                { "gen_ai.request.model", model }, { "gen_ai.response.model", _responseModel },
            };
            if (_firstChunk is { } first)
                TimeToFirstChunk.Record(first.TotalSeconds, tags);
            RecordTokens(_usage.Input, "input", tags);
            RecordTokens(_usage.Output, "output", tags);
            if (_error is not null)
                tags.Add("error.type", _error);
            Duration.Record(Stopwatch.GetElapsedTime(_started).TotalSeconds, tags);

            if (activity is null)
                return;
            activity.SetTag("gen_ai.response.id", _responseId).SetTag("gen_ai.response.model", _responseModel);
            if (_finishReason is not null)
                activity.SetTag("gen_ai.response.finish_reasons", new[] { _finishReason });
            if (_firstChunk is { } chunk)
                activity.SetTag("gen_ai.response.time_to_first_chunk", chunk.TotalSeconds);
            activity.SetTag("gen_ai.usage.input_tokens", _usage.Input).SetTag("gen_ai.usage.output_tokens", _usage.Output);
            if (_error is not null)
                activity.SetTag("error.type", _error).SetStatus(ActivityStatusCode.Error, _error);
            activity.Dispose();
        }

        private static void RecordTokens(long? count, string type, TagList tags)
        {
            if (count is not > 0)
                return;
            tags.Add("gen_ai.token.type", type);
            Tokens.Record(count.Value, tags);
        }
    }
}
