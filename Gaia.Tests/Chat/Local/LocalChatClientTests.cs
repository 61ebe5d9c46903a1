using Gaia.Chat.Providers.Local;
using Microsoft.Extensions.AI;

namespace Gaia.Tests.Chat.Local;

public sealed class LocalChatClientTests : IDisposable
{
    private static readonly ChatMessage[] Messages =
    [
        new(ChatRole.System, "You are Mu."),
        new(ChatRole.User, "My sister Clara lives in Oslo.\nShe paints."),
        new(ChatRole.Assistant, "Noted."),
        new(ChatRole.User, "What do you know about me?"),
    ];

    private readonly LocalChatClient _client = new();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_stream_adds_up_to_the_plain_answer()
    {
        var whole = await _client.GetResponseAsync(Messages);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in _client.GetStreamingResponseAsync(Messages))
            updates.Add(update);

        Assert.True(updates.Count > 5);
        Assert.Equal(whole.Text, string.Concat(updates.Select(update => update.Text)));
        Assert.All(updates.SkipLast(1), update => Assert.DoesNotContain(" ", update.Text.Trim(), StringComparison.Ordinal));
        Assert.All(updates, update => Assert.Equal(("gaia-local", updates[0].ResponseId), (update.ModelId, update.ResponseId)));
        var combined = updates.ToChatResponse();
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.Equal(whole.Usage!.TotalTokenCount, combined.Usage!.TotalTokenCount);
        Assert.Equal(whole.Usage.InputTokenCount + whole.Usage.OutputTokenCount, whole.Usage.TotalTokenCount);
        Assert.True(whole.Usage.InputTokenCount > whole.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task The_same_messages_get_the_same_answer() =>
        Assert.Equal((await _client.GetResponseAsync(Messages)).Text, (await new LocalChatClient().GetResponseAsync(Messages)).Text);

    [Fact]
    public async Task A_cancelled_request_stops_at_the_next_word()
    {
        using var cancellation = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _client.GetStreamingResponseAsync(Messages, cancellationToken: cancellation.Token))
            {
                if (++seen == 2)
                    await cancellation.CancelAsync();
            }
        });

        Assert.Equal(2, seen);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.GetResponseAsync(Messages, cancellationToken: cancellation.Token));
    }

    [Fact]
    public async Task A_paced_stream_is_cancelled_during_the_pause()
    {
        using var slow = new LocalChatClient(new LocalChatOptions { Pace = TimeSpan.FromMinutes(5) });
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in slow.GetStreamingResponseAsync(Messages, cancellationToken: cancellation.Token))
            {
            }
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task A_token_limit_cuts_the_answer_and_says_so(int limit)
    {
        var whole = await _client.GetResponseAsync(Messages);
        var cut = await _client.GetResponseAsync(Messages, new ChatOptions { MaxOutputTokens = limit });

        Assert.Equal(ChatFinishReason.Length, cut.FinishReason);
        Assert.Equal(limit, cut.Usage!.OutputTokenCount);
        Assert.StartsWith(cut.Text, whole.Text, StringComparison.Ordinal);
        Assert.NotEmpty(cut.Text);
    }

    [Fact]
    public async Task A_sufficient_token_limit_changes_nothing()
    {
        var whole = await _client.GetResponseAsync(Messages);
        var limited = await _client.GetResponseAsync(Messages, new ChatOptions { MaxOutputTokens = (int)whole.Usage!.OutputTokenCount! });

        Assert.Equal((whole.Text, whole.FinishReason), (limited.Text, limited.FinishReason));
    }

    [Fact]
    public async Task A_stop_sequence_ends_the_answer_before_it()
    {
        var stopped = await _client.GetResponseAsync(Messages, new ChatOptions { StopSequences = ["", "Oslo", "nowhere"] });

        Assert.EndsWith("in ", stopped.Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
    }

    [Fact]
    public async Task Instructions_count_as_a_system_message() =>
        Assert.Contains("Nova", (await _client.GetResponseAsync([new ChatMessage(ChatRole.User, "Who are you?")], new ChatOptions { Instructions = "You are Nova." })).Text, StringComparison.Ordinal);

    [Fact]
    public void It_tells_what_it_is_to_its_host()
    {
        var metadata = Assert.IsType<ChatClientMetadata>(_client.GetService(typeof(ChatClientMetadata)));

        Assert.Equal(("gaia", "gaia-local"), (metadata.ProviderName, metadata.DefaultModelId));
        Assert.Same(_client, _client.GetService(typeof(LocalChatClient)));
        Assert.Null(_client.GetService(typeof(ChatClientMetadata), "other"));
    }
}
