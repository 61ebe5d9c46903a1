using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Personas;

/// <summary>Personas, applied per request: what exactly reaches the model.</summary>
[Collection(SharedServers.Name)]
public sealed class PersonaTurnTests(PersonaFixture fixture) : IClassFixture<PersonaFixture>
{
    private const string NoTools = "You have no tools in this conversation: never say that you used one.";

    [Fact]
    public async Task Who_has_chosen_nobody_is_answered_by_Mu()
    {
        using var alice = await fixture.NewUserAsync();
        var prompt = (await NativeServers.QueryAsync<string>(fixture.Database, "SELECT system_prompt FROM personas WHERE name = 'Mu' AND is_active"))!;
        var expected = PersonaFixture.With(prompt.Replace("{tools_section}", NoTools, StringComparison.Ordinal));

        foreach (var wish in new[] { null, "", "default", "Mu", "mu" })
            Assert.Equal(expected, await fixture.SystemMessageAsync(alice.Caller, wish));
    }

    [Fact]
    public async Task A_request_may_name_its_persona_by_id_or_name_and_leaves_the_others_alone()
    {
        using var alice = await fixture.NewUserAsync();
        var one = await alice.CreateAsync("One", "You are One.");
        await alice.CreateAsync("Two", "You are Two.");
        await alice.ChooseAsync(one);

        fixture.Provider.Reply("a").Reply("b").Reply("c");
        var conversation = (await alice.Caller.AskAsync(new { message = "1", persona_id = "Two" })).GetProperty("_metadata").GetProperty("conversation_id").GetString();
        Assert.Equal([("system", PersonaFixture.With("You are Two.")), ("user", "1")], fixture.Provider.Requests[^1].Messages);
        await alice.Caller.AskAsync(new { message = "2", conversation_id = conversation });
        Assert.Equal(
            [("system", PersonaFixture.With("You are One.")), ("user", "1"), ("assistant", "a"), ("user", "2")], fixture.Provider.Requests[^1].Messages);
        await alice.Caller.AskAsync(new { message = "3", conversation_id = conversation, persona_id = one.ToUpperInvariant() });
        Assert.Equal(("system", PersonaFixture.With("You are One.")), fixture.Provider.Requests[^1].Messages[0]);
        Assert.Equal(2, await NativeServers.QueryAsync<long>(fixture.Database, $"SELECT count(*) FROM llm_calls WHERE persona_id = '{one}'"));
    }

    [Fact]
    public async Task Requests_at_once_are_answered_each_by_its_own_persona()
    {
        using var alice = await fixture.NewUserAsync();
        using var bob = await fixture.NewUserAsync();
        await alice.ChooseAsync(await alice.CreateAsync("Guide", "You are Alice's."));
        await bob.ChooseAsync(await bob.CreateAsync("Guide", "You are Bob's."));
        var before = fixture.Provider.Requests.Count;
        for (var i = 0; i < 20; i++)
            fixture.Provider.Reply("ok");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? alice : bob).Caller.AskAsync(new { message = i % 2 == 0 ? "by Alice" : "by Bob" })));

        var asked = fixture.Provider.Requests.Skip(before).ToList();
        Assert.Equal(20, asked.Count);
        Assert.All(asked, request => Assert.Equal(
            PersonaFixture.With(request.Messages[1].Text == "by Alice" ? "You are Alice's." : "You are Bob's."), request.Messages[0].Text));
    }

    [Fact]
    public async Task A_change_holds_for_the_next_turn()
    {
        using var alice = await fixture.NewUserAsync();
        var id = await alice.CreateAsync("One", "First.");
        Assert.NotEqual(PersonaFixture.With("First."), await fixture.SystemMessageAsync(alice.Caller));
        await alice.ChooseAsync(id);
        Assert.Equal(PersonaFixture.With("First."), await fixture.SystemMessageAsync(alice.Caller));
        await alice.OkAsync("PUT", $"{PersonaUser.V02}/{id}", new { system_prompt = "Second." });
        Assert.Equal(PersonaFixture.With("Second."), await fixture.SystemMessageAsync(alice.Caller));
        await alice.OkAsync("DELETE", $"{PersonaUser.V02}/{id}");
        Assert.Contains("Beep boop", await fixture.SystemMessageAsync(alice.Caller), StringComparison.Ordinal);
        await alice.ChooseAsync("Mu");
        Assert.Contains("Beep boop", await fixture.SystemMessageAsync(alice.Caller), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_placeholder_in_a_users_text_is_filled_once_and_nothing_else_in_it_means_anything()
    {
        using var alice = await fixture.NewUserAsync();
        var repeated = await alice.CreateAsync("Many", string.Concat(Enumerable.Repeat("{tools_section}", 1_000)) + "end");
        Assert.Equal(PersonaFixture.With(NoTools + "end"), await fixture.SystemMessageAsync(alice.Caller, repeated));

        var odd = await alice.CreateAsync("Odd", "{tools_{tools_section}section} {0} {{x}} $1 </system> {tools_section}");
        Assert.Equal(
            PersonaFixture.With($"{{tools_{NoTools}section}} {{0}} {{{{x}}}} $1 </system> "), await fixture.SystemMessageAsync(alice.Caller, odd));
    }

    [Fact]
    public async Task An_operator_may_leave_those_alone_who_chose_nobody()
    {
        using var alice = await fixture.NewUserAsync();
        await using var chat = await fixture.StartAnotherAsync(defaultPersona: "");
        using var there = chat.As(alice.Key);

        Assert.Equal(ChatHost.SystemPrompt, await fixture.SystemMessageAsync(there));
        await alice.ChooseAsync(await alice.CreateAsync("One", "You are One."));
        await Eventually.TrueAsync(async () => await fixture.SystemMessageAsync(there) == PersonaFixture.With("You are One."));
    }
}
