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

    [Fact]
    public async Task An_answer_to_a_question_that_is_being_replaced_is_replaced_with_it()
    {
        var (id, question) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await UseAsync(store => store.BeginAsync(_userId, id, question, "asked", CancellationToken.None));
        await using var database = Open();
        await using var editing = await database.Database.BeginTransactionAsync();
        Assert.True(await new TurnStore(database, _commits, TimeProvider.System).EditAsync(_userId, id, question, Guid.CreateVersion7(), "asked otherwise", CancellationToken.None));

        var completed = UseAsync(store => store.CompleteAsync(AnswerIn(id, question), CallIn(id), CancellationToken.None));
        // First in a group, which does not wait long, and then by itself.
        await Eventually.TrueAsync(() => fixture.QueryAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query_start < clock_timestamp() - interval '150 ms')"));
        await editing.CommitAsync();
        await completed;

        Assert.Equal("asked otherwise", await fixture.QueryAsync<string>($"SELECT string_agg(content, ' | ' ORDER BY ordinal) FROM chat_messages WHERE conversation_id = '{id}' AND superseded_at IS NULL"));
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
