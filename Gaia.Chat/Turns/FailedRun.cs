using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Turns;

/// <summary>An answer in the background that has just failed: whoever asked for it may look for it only now.</summary>
/// <param name="MessageId">The message that the answer would have been.</param>
/// <param name="QuestionId">The message that it would have answered.</param>
/// <param name="Message">What a client may be told.</param>
internal sealed record FailedRun(Guid UserId, Guid ConversationId, Guid MessageId, Guid QuestionId, string Message, DateTimeOffset At)
{
    /// <summary>Why is known only where the answer was made.</summary>
    public const string BrokenOff = "The answer broke off before its end: ask again";

    public static readonly TimeSpan ToldFor = TimeSpan.FromSeconds(15);

    /// <summary>What a client is told of a failure in a stream, where there is no status code any more.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        ProviderException or DependencyUnavailableException => failure.Message,
        // Whoever asked for it has left.
        OperationCanceledException => BrokenOff,
        _ when DatabaseOutage.Is(failure) => "Service database unavailable",
        _ => "Internal server error",
    };
}
