using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Personas;

/// <summary>Custom personas are their owner's.</summary>
[Collection(SharedServers.Name)]
public sealed class PersonaOwnershipTests(PersonaFixture fixture) : IClassFixture<PersonaFixture>
{
    [Fact]
    public async Task A_second_user_neither_sees_changes_deletes_nor_sets_a_persona()
    {
        using var alice = await fixture.NewUserAsync();
        using var bob = await fixture.NewUserAsync();
        using var admin = fixture.Administrator();
        var id = await alice.CreateAsync("Secret", "You are Alice's.");
        // Cached by its owner's reading, and still not there for others.
        await alice.OkAsync("GET", $"/api/v0.2/personas/{id}");

        foreach (var other in new[] { bob, admin })
        {
            foreach (var root in new[] { "/api/v0.2/personas", "/api/v1/personas" })
            {
                foreach (var (method, path, body) in new (string, string, object?)[]
                {
                    ("GET", $"{root}/{id}", null), ("PUT", $"{root}/{id}", new { name = "Taken" }), ("PUT", $"{root}/{id}", new { is_active = true }),
                    ("DELETE", $"{root}/{id}", null), ("POST", $"{root}/set", new { persona_id = id }),
                })
                {
                    var (status, answer) = await other.SendAsync(method, path, body);
                    Assert.Equal((HttpStatusCode.NotFound, $"Persona not found: {id}"), (status, answer.GetProperty("detail").GetString()));
                }
            }

            Assert.Equal(HttpStatusCode.NotFound, (await other.SendAsync("PUT", "/api/v1/chat/personas", new { persona_id = "Secret" })).Status);
            Assert.DoesNotContain("Secret", await other.NamesAsync());
            Assert.DoesNotContain("Secret", await other.NamesAsync("?active_only=false"));
        }

        Assert.Equal("Secret", (await alice.OkAsync("GET", $"/api/v0.2/personas/{id}")).GetProperty("persona").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chat_with_a_second_users_persona_is_refused_before_anything_is_written_or_asked(bool stream)
    {
        using var alice = await fixture.NewUserAsync();
        using var bob = await fixture.NewUserAsync();
        var id = await alice.CreateAsync("Secret", "You are Alice's.");
        Assert.Equal(PersonaFixture.With("You are Alice's."), await fixture.SystemMessageAsync(alice.Caller, id));
        var asked = fixture.Provider.Requests.Count;

        foreach (var persona in new[] { id, "Secret", "secret", Guid.NewGuid().ToString(), $"{id}'; --" })
        {
            var (status, answer) = await bob.SendAsync("POST", "/api/v1/chat", new { message = "Hello", persona_id = persona, stream });
            Assert.Equal((HttpStatusCode.NotFound, $"Persona not found: {persona}"), (status, answer.GetProperty("detail").GetString()));
        }

        Assert.Equal(asked, fixture.Provider.Requests.Count);
        Assert.Equal(0, await NativeServers.QueryAsync<long>(fixture.Database, $"SELECT count(*) FROM conversations WHERE user_id = '{bob.Id}'"));
    }

    [Fact]
    public async Task A_preference_for_what_is_not_the_users_own_is_as_good_as_none()
    {
        using var alice = await fixture.NewUserAsync();
        using var bob = await fixture.NewUserAsync();
        var id = await alice.CreateAsync("Secret", "You are Alice's.");
        await NativeServers.ExecuteAsync(fixture.Database, $"INSERT INTO user_persona_preferences (user_id, persona_id, updated_at) VALUES ('{bob.Id}', '{id}', now())");

        Assert.DoesNotContain("Alice", await fixture.SystemMessageAsync(bob.Caller), StringComparison.Ordinal);
        Assert.Equal("Mu", (await bob.OkAsync("GET", "/api/v0.2/personas/current")).GetProperty("persona").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Everybodys_personas_are_changed_by_administrators_only()
    {
        using var alice = await fixture.NewUserAsync();
        using var admin = fixture.Administrator();
        var id = Guid.NewGuid();
        await NativeServers.ExecuteAsync(fixture.Database, $"INSERT INTO personas (id, name, description, system_prompt, created_by) VALUES ('{id}', 'Guide', 'd', 'You guide.', NULL)");

        Assert.Equal(PersonaFixture.With("You guide."), await fixture.SystemMessageAsync(alice.Caller, id.ToString()));
        foreach (var (method, body) in new (string, object?)[] { ("PUT", new { name = "Mine" }), ("DELETE", null) })
        {
            var (status, answer) = await alice.SendAsync(method, $"/api/v0.2/personas/{id}", body);
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.Contains("administrator", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        await admin.OkAsync("PUT", $"/api/v0.2/personas/{id}", new { system_prompt = "You guide well." });
        Assert.Equal(PersonaFixture.With("You guide well."), await fixture.SystemMessageAsync(alice.Caller, id.ToString()));
        await admin.OkAsync("DELETE", $"/api/v0.2/personas/{id}");
        Assert.Equal(HttpStatusCode.NotFound, (await alice.SendAsync("GET", $"/api/v0.2/personas/{id}")).Status);
    }

    [Fact]
    public async Task Without_a_credential_there_are_no_personas()
    {
        using var nobody = new PersonaUser(new ChatCaller(fixture.Chat.Url, apiKey: null), "", Guid.Empty);
        foreach (var (method, path) in new[]
        {
            ("GET", "/api/v0.2/personas"), ("POST", "/api/v0.2/personas"), ("POST", "/api/v1/chat/personas"), ("GET", "/api/v1/personas/current"),
            ("POST", "/api/v0.2/chat/stream/cache/invalidate?cache_type=all"), ("GET", "/api/v0.2/chat/stream/cache/status"),
        })
            Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.SendAsync(method, path)).Status);
    }
}
