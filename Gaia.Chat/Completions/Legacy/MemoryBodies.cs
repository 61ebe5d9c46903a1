using Gaia.Chat.Personas;

namespace Gaia.Chat.Completions.Legacy;

public sealed record MemoryStatus(int MessageCount, bool HasHistory);

public sealed record VersionedMemoryStatus(int MessageCount, bool HasHistory, string ApiVersion);

/// <param name="Cleared">Where nothing is left of it.</param>
public sealed record MemoryCleared(string Status, IReadOnlyList<string> Cleared);

public sealed record Acknowledgement(string Status, string Message);

public sealed record VersionedAcknowledgement(string Status, string Message, string ApiVersion);

public sealed record TimedAcknowledgement(string Status, string Message, DateTime Timestamp);

/// <summary>What streams can do here.</summary>
public sealed record StreamStatus(
    string Status,
    string PerformanceMode,
    int MessageCount,
    bool HasHistory,
    PromptCacheStats CacheStatus,
    StreamCapabilities Capabilities,
    DateTime Timestamp);

public sealed record StreamCapabilities(bool SseStreaming, bool ModelSelection, bool CacheOptimization, bool ParallelFetching);
