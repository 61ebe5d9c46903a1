using Gaia.Chat.Conversations;
using Gaia.Chat.Turns;
using Gaia.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Tests.Chat.Turns;

[Collection(SharedServers.Name)]
public sealed class TurnStoreTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private readonly GroupCommit _commits = new(new EndlessPatience());
    private readonly Guid _userId = Guid.NewGuid();

    /// <summary>Otherwise groups of two replicas could wait for each other in a circle.</summary>
    [Fact]
    public async Task What_is_written_together_locks_conversations_in_the_order_of_their_ids()
    {
        Guid[] ids = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).Order()];
        var questions = ids.ToDictionary(id => id, _ => Guid.CreateVersion7());
        foreach (var id in ids)
            await UseAsync(store => store.BeginAsync(_userId, id, questions[id], "first", CancellationToken.None));
        var busy = BusyAsync();

        var writes = ids.Reverse().Select((id, i) => i % 2 == 0
            ? UseAsync(store => store.AppendAsync(_userId, id, Guid.CreateVersion7(), "second", CancellationToken.None))
            : UseAsync(store => store.CompleteAsync(AnswerIn(id, questions[id]), CallIn(id), CancellationToken.None))).ToArray();
        await Task.WhenAll([busy, .. writes]);

        Assert.Equal(
            $"{string.Join(' ', ids)} 1",
            await fixture.QueryAsync<string>($"""
                SELECT string_agg(conversation_id::text, ' ' ORDER BY ordinal) || ' ' || count(DISTINCT xmin::text)
                FROM chat_messages WHERE user_id = '{_userId}' AND content <> 'first'
                """));
    }

    /// <summary>A write behind which others gather.</summary>
    private async Task BusyAsync()
    {
        await using var database = Open();
        await _commits.WriteAsync(database.Database, null, [$"SELECT pg_sleep({0.3})"], CancellationToken.None);
    }

    private async Task UseAsync(Func<TurnStore, Task> use)
    {
        await using var database = Open();
        await use(new TurnStore(database, _commits, TimeProvider.System));
    }

    private ChatDbContext Open() => new(new DbContextOptionsBuilder<ChatDbContext>().UseNpgsql(fixture.Database).Options);

    private Gaia.Chat.Turns.Answer AnswerIn(Guid conversationId, Guid questionId) =>
        new(Guid.CreateVersion7(), _userId, conversationId, questionId, "answer", "model", "provider", 1, 1, "provider", "stop", Replaces: null);

    private CallRecord CallIn(Guid conversationId) => new()
    {
        Id = Guid.CreateVersion7(),
        UserId = _userId,
        ConversationId = conversationId,
        Route = "v1.chat",
        Provider = "provider",
        Model = "model",
        Status = CallRecord.Completed,
        UsageSource = "provider",
        StartedAt = DateTime.SpecifyKind(DateTime.UtcNow, DateTimeKind.Unspecified),
        DurationUs = 1,
    };
}
