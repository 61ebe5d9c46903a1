using Gaia.Chat.Conversations;
using Gaia.Chat.Conversations.Messages;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Gaia.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

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
            await BeginAsync(id, questions[id], "first");
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
        await BeginAsync(id, question, "asked");
        await using var database = Open();
        await using var editing = await database.Database.BeginTransactionAsync();
        Assert.True(await new TurnStore(database, _commits, TimeProvider.System).EditAsync(_userId, id, question, Guid.CreateVersion7(), "asked otherwise", CancellationToken.None));

        var completed = UseAsync(store => store.CompleteAsync(AnswerIn(id, question), CallIn(id), CancellationToken.None));
        await WaitingAsync();
        await editing.CommitAsync();
        await completed;

        Assert.Equal(("asked otherwise", "asked otherwise"), (await SaidAsync(id), await PreviewAsync(id)));
    }

    [Fact]
    public async Task An_answer_to_a_question_that_is_being_removed_leaves_nothing_but_its_cost()
    {
        var (id, question) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await BeginAsync(id, question, "asked");
        await using var database = Open();
        await using var clearing = await database.Database.BeginTransactionAsync();
        await ClearAsync(database, id);
        var call = CallIn(id);

        var completed = UseAsync(store => store.CompleteAsync(AnswerIn(id, question), call, CancellationToken.None));
        await WaitingAsync();
        await clearing.CommitAsync();
        await completed;

        Assert.Equal((null, ""), (await SaidAsync(id), await PreviewAsync(id)));
        Assert.Equal(1, await fixture.QueryAsync<long>($"SELECT count(*) FROM llm_calls WHERE id = '{call.Id}'"));
    }

    [Fact]
    public async Task An_answer_to_a_question_that_goes_with_one_before_it_goes_with_it()
    {
        var (id, first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await BeginAsync(id, first, "first question");
        await UseAsync(store => store.AppendAsync(_userId, id, second, "second question", CancellationToken.None));
        await using var database = Open();
        var question = await new MessageStore(database, fixture.Chat.Services.GetRequiredService<IEventBus>(), TimeProvider.System).FindQuestionAsync(_userId, id, first, CancellationToken.None);
        await using var replacing = await database.Database.BeginTransactionAsync();
        var alone = new GroupCommit(TimeProvider.System);
        await new TurnStore(database, alone, TimeProvider.System).CompleteAsync(AnswerIn(id, first) with { Replaces = question, Text = "better answer" }, CallIn(id), CancellationToken.None);

        var completed = UseAsync(store => store.CompleteAsync(AnswerIn(id, second), CallIn(id), CancellationToken.None));
        await WaitingAsync();
        await replacing.CommitAsync();
        await completed;

        Assert.Equal("first question | better answer", await SaidAsync(id));
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("clear")]
    public async Task What_is_just_being_said_is_replaced_and_removed_too(string how)
    {
        var (id, question) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await BeginAsync(id, question, "asked");
        await using var database = Open();
        await using var saying = await database.Database.BeginTransactionAsync();
        await new TurnStore(database, new GroupCommit(TimeProvider.System), TimeProvider.System).CompleteAsync(AnswerIn(id, question), CallIn(id), CancellationToken.None);

        var changed = how == "edit"
            ? UseAsync(store => store.EditAsync(_userId, id, question, Guid.CreateVersion7(), "asked otherwise", CancellationToken.None))
            : ClearAsync(id);
        await WaitingAsync();
        await saying.CommitAsync();
        await changed;

        Assert.Equal(how == "edit" ? "asked otherwise" : null, await SaidAsync(id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_question_that_may_or_may_not_have_been_kept_there_is_one(bool isKept)
    {
        var (id, question) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var opening = OpeningOf(id, question, "asked");
        var closed = Open();
        await closed.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => opening.KeepAsync(new TurnStore(closed, _commits, TimeProvider.System)));
        if (isKept)
            await BeginAsync(id, question, "asked");

        await UseAsync(async store => Assert.False(await opening.TryKeepWithAsync(AnswerIn(id, question), CallIn(id), store)));
        await UseAsync(opening.KeepAsync);
        await UseAsync(store => store.CompleteAsync(AnswerIn(id, question), CallIn(id), CancellationToken.None));

        Assert.Equal(("asked | answer", "answer"), (await SaidAsync(id), await PreviewAsync(id)));
    }

    [Fact]
    public async Task A_question_that_is_kept_with_its_answer_is_not_kept_before()
    {
        var (id, question) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var opening = OpeningOf(id, question, "asked");
        var busy = BusyAsync();
        var completed = UseAsync(async store => Assert.True(await opening.TryKeepWithAsync(AnswerIn(id, question), CallIn(id), store)));

        await UseAsync(opening.KeepAsync);

        Assert.False(opening.IsKept);
        await Task.WhenAll(busy, completed);
        Assert.Equal("asked | answer", await SaidAsync(id));
    }

    private Task BeginAsync(Guid id, Guid question, string text) => UseAsync(OpeningOf(id, question, text).KeepAsync);

    private Opening OpeningOf(Guid id, Guid question, string text) => new(_userId, id, question, text, TimeProvider.System.GetNaiveUtcNow(), isAwaited: false, fixture.Chat.Services.GetRequiredService<IEventBus>());

    private async Task ClearAsync(Guid id)
    {
        await using var database = Open();
        await ClearAsync(database, id);
    }

    private async Task ClearAsync(ChatDbContext database, Guid id) =>
        Assert.True(await new MessageStore(database, fixture.Chat.Services.GetRequiredService<IEventBus>(), TimeProvider.System).ClearAsync(_userId, id, CancellationToken.None));

    private Task<string?> PreviewAsync(Guid id) => fixture.QueryAsync<string?>($"SELECT preview FROM conversations WHERE id = '{id}'");

    private Task<string?> SaidAsync(Guid id) => fixture.QueryAsync<string?>(
        $"SELECT string_agg(content, ' | ' ORDER BY created_at, ordinal) FROM chat_messages WHERE conversation_id = '{id}' AND superseded_at IS NULL");

    /// <summary>Until somebody waits for a row, first in a group, which does not wait long, and then by itself.</summary>
    private Task WaitingAsync() => Eventually.TrueAsync(() => fixture.QueryAsync<bool>("""
        SELECT EXISTS (SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query_start < clock_timestamp() - interval '150 ms')
        """));

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
        StartedAt = TimeProvider.System.GetNaiveUtcNow(),
        DurationUs = 1,
    };
}
