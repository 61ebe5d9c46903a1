using Gaia.Chat.Turns;
using Microsoft.Extensions.AI;

namespace Gaia.Tests.Chat.Turns;

public sealed class AnswerInProgressTests
{
    /// <summary>The column of chat_messages has room for 30 characters, and no NUL.</summary>
    [Theory]
    [InlineData("stop", "stop")]
    [InlineData("a_reason_that_nobody_has_heard_of_yet", "a_reason_that_nobody_has_heard")]
    [InlineData("with\0zero", "with\uFFFDzero")]
    public void A_finish_reason_is_kept_as_far_as_there_is_room(string reason, string kept)
    {
        var answer = new AnswerInProgress();
        answer.Add(new ChatResponseUpdate(ChatRole.Assistant, "text") { FinishReason = new ChatFinishReason(reason) });
        answer.Add(new ChatResponseUpdate(ChatRole.Assistant, "more") { FinishReason = new ChatFinishReason("later") });

        Assert.Equal(kept, answer.FinishReason);
    }
}
