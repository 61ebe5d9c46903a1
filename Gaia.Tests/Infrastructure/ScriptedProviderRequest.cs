using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gaia.Tests.Infrastructure;

/// <summary>A request as the scripted provider received it, and what became of it.</summary>
public sealed class ScriptedProviderRequest
{
    private readonly ConcurrentQueue<(string Text, DateTimeOffset At)> _sent = new();
    private readonly TaskCompletionSource _disconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();

    internal ScriptedProviderRequest(HttpRequest request, string body, ScriptedProviderDialect dialect, DateTimeOffset arrivedAt)
    {
        Method = request.Method;
        Path = request.Path + request.QueryString.ToString();
        Headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Body = body;
        Json = Parse(body);
        Dialect = dialect;
        ArrivedAt = arrivedAt;
        var bearer = Headers.GetValueOrDefault("Authorization") is ['B' or 'b', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] ? token : null;
        ApiKey = Headers.GetValueOrDefault("x-api-key") ?? bearer ?? "";
    }

    public string Method { get; }

    public string Path { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    public string Body { get; }

    /// <summary>The parsed body; undefined when it is empty or not JSON.</summary>
    public JsonElement Json { get; }

    public ScriptedProviderDialect Dialect { get; }

    /// <summary>From <c>Authorization: Bearer</c> or <c>x-api-key</c>; empty without either.</summary>
    public string ApiKey { get; }

    public string? Model => Property("model") is { ValueKind: JsonValueKind.String } model ? model.GetString() : null;

    public bool IsStreaming => Property("stream") is { ValueKind: JsonValueKind.True };

    public bool WantsUsage => Property("stream_options") is { ValueKind: JsonValueKind.Object } options && options.TryGetProperty("include_usage", out var usage) && usage.ValueKind == JsonValueKind.True;

    /// <summary>The conversation in both dialects alike: the system prompt first, text parts joined.</summary>
    public IReadOnlyList<(string Role, string Text)> Messages
    {
        get
        {
            var messages = new List<(string, string)>();
            if (Property("system") is { ValueKind: not JsonValueKind.Undefined } system)
                messages.Add(("system", TextOf(system)));
            if (Property("messages") is { ValueKind: JsonValueKind.Array } list)
                messages.AddRange(list.EnumerateArray().Select(message => (message.GetProperty("role").GetString() ?? "", message.TryGetProperty("content", out var content) ? TextOf(content) : "")));
            return messages;
        }
    }

    public DateTimeOffset ArrivedAt { get; }

    /// <summary>When the scripted answer had been sent to its end; null while it runs or when it never ended.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>When the client was seen to leave before the end; null if it did not.</summary>
    public DateTimeOffset? DisconnectedAt { get; private set; }

    /// <summary>Ends once the client has left early.</summary>
    public Task Disconnected => _disconnected.Task;

    /// <summary>The pieces of text sent so far and when.</summary>
    public IReadOnlyList<(string Text, DateTimeOffset At)> Sent => [.. _sent];

    internal void MarkSent(string text) => _sent.Enqueue((text, TimeProvider.System.GetUtcNow()));

    internal void MarkCompleted()
    {
        lock (_lock)
            CompletedAt ??= TimeProvider.System.GetUtcNow();
    }

    internal void MarkDisconnected()
    {
        lock (_lock)
        {
            if (CompletedAt is not null || DisconnectedAt is not null)
                return;
            DisconnectedAt = TimeProvider.System.GetUtcNow();
        }
        _disconnected.TrySetResult();
    }

    private JsonElement Property(string name) => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty(name, out var value) ? value : default;

    private static string TextOf(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => content.GetString() ?? "",
        JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => part.TryGetProperty("text", out var text) ? text.GetString() : "")),
        _ => "",
    };

    private static JsonElement Parse(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
