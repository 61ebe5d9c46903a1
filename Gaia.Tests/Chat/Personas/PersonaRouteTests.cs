using System.Net;
using System.Text;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Personas;

/// <summary>Personas: the v0.2 and v1 routes in their shapes.</summary>
[Collection(SharedServers.Name)]
public sealed class PersonaRouteTests(PersonaFixture fixture) : IClassFixture<PersonaFixture>
{
    [Theory]
    [InlineData("/api/v0.2/personas", "Found 2 personas")]
    [InlineData("/api/v1/personas", "Personas retrieved successfully")]
    public async Task Every_persona_route_answers_in_its_shape(string root, string listed)
    {
        using var alice = await fixture.NewUserAsync();

        var created = await alice.OkAsync("POST", root, new
        {
            name = "Ada",
            description = "Counts <things>",
            system_prompt = "You are \"Ada\" 🎉.",
            personality_traits = new Dictionary<string, object> { ["patient"] = true, ["Level"] = 3 },
        });
        Assert.Equal(["success", "message", "persona"], Members(created));
        Assert.Equal("Persona created successfully", created.GetProperty("message").GetString());
        var ada = created.GetProperty("persona");
        AssertPersona(ada);
        Assert.Equal(("Ada", "Counts <things>", "You are \"Ada\" 🎉."), (Text(ada, "name"), Text(ada, "description"), Text(ada, "system_prompt")));
        Assert.Equal("""{"Level":3,"patient":true}""", Sorted(ada.GetProperty("personality_traits")));
        Assert.Equal("{}", ada.GetProperty("capabilities").GetRawText());
        Assert.Equal(alice.Id.ToString(), Text(ada, "created_by"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$", Text(ada, "created_at"));
        var id = Text(ada, "id");

        var list = await alice.OkAsync("GET", root + "/");
        Assert.Equal(["success", "personas", "total", "message"], Members(list));
        Assert.Equal((2, listed), (list.GetProperty("total").GetInt32(), Text(list, "message")));
        Assert.Equal(["Ada", "Mu"], list.GetProperty("personas").EnumerateArray().Select(persona => Text(persona, "name")));
        Assert.All(list.GetProperty("personas").EnumerateArray(), AssertPersona);

        var got = await alice.OkAsync("GET", $"{root}/{id}");
        Assert.Equal("Persona retrieved successfully", Text(got, "message"));
        Assert.Equal(ada.GetRawText(), got.GetProperty("persona").GetRawText());

        var current = await alice.OkAsync("GET", $"{root}/current");
        Assert.Equal(("Current persona retrieved successfully", "Mu"), (Text(current, "message"), Text(current.GetProperty("persona"), "name")));

        var chosen = await alice.OkAsync("POST", $"{root}/set", new { persona_id = id });
        Assert.Equal(["success", "message", "persona_id", "persona_name", "user_id", "updated_at"], Members(chosen));
        Assert.Equal(("Active persona set to Ada", id, "Ada"), (Text(chosen, "message"), Text(chosen, "persona_id"), Text(chosen, "persona_name")));
        Assert.Equal("Ada", Text((await alice.OkAsync("GET", $"{root}/current")).GetProperty("persona"), "name"));

        var updated = await alice.OkAsync("PUT", $"{root}/{id}", new { description = "Counts", capabilities = new { counting = true } });
        Assert.Equal("Persona updated successfully", Text(updated, "message"));
        Assert.Equal(("Ada", "Counts"), (Text(updated.GetProperty("persona"), "name"), Text(updated.GetProperty("persona"), "description")));
        Assert.Equal("""{"Level":3,"patient":true}""", Sorted(updated.GetProperty("persona").GetProperty("personality_traits")));
        Assert.True(string.CompareOrdinal(Text(updated.GetProperty("persona"), "updated_at"), Text(ada, "updated_at")) > 0);

        var deleted = await alice.OkAsync("DELETE", $"{root}/{id}");
        Assert.Equal(["success", "message", "persona_id"], Members(deleted));
        Assert.Equal(("Persona deleted successfully", id), (Text(deleted, "message"), Text(deleted, "persona_id")));

        foreach (var (method, body) in new[] { ("GET", null), ("PUT", new { description = "x" }), ("DELETE", null) })
        {
            var (status, answer) = await alice.SendAsync(method, $"{root}/{id}", body);
            Assert.Equal((HttpStatusCode.NotFound, $"Persona not found: {id}"), (status, Text(answer, "detail")));
        }

        Assert.Equal("Mu", Text((await alice.OkAsync("GET", $"{root}/current")).GetProperty("persona"), "name"));
        Assert.Equal(["Mu"], await alice.NamesAsync());
        Assert.Equal(["Ada", "Mu"], await alice.NamesAsync("?active_only=false"));

        await alice.OkAsync("PUT", $"{root}/{id}", new { is_active = true });
        Assert.Equal(["Ada", "Mu"], await alice.NamesAsync());
    }

    [Fact]
    public async Task The_v1_chat_routes_list_make_and_set_personas()
    {
        const string root = "/api/v1/chat/personas";
        using var alice = await fixture.NewUserAsync();

        var created = await alice.OkAsync("POST", root, new { name = "Ada", description = "d", system_prompt = "p", personality_traits = new { }, capabilities = new { } });
        Assert.Equal("Persona created successfully", Text(created, "message"));
        var list = await alice.OkAsync("GET", root);
        Assert.Equal(("Personas retrieved successfully", 2), (Text(list, "message"), list.GetProperty("total").GetInt32()));
        // The official command line client sets the persona so.
        var chosen = await alice.OkAsync("PUT", root, new { persona_id = Text(created.GetProperty("persona"), "id") });
        Assert.Equal(("Active persona set to Ada", alice.Id.ToString()), (Text(chosen, "message"), Text(chosen, "user_id")));
        Assert.Equal("Active persona set to Mu", Text(await alice.OkAsync("PUT", root, new { persona_id = "Mu" }), "message"));
        Assert.Equal("Active persona set to Mu", Text(await alice.OkAsync("PUT", root, new { persona_id = "default" }), "message"));
    }

    [Fact]
    public async Task The_default_persona_is_Mu_and_is_made_again_when_it_is_gone()
    {
        using var admin = fixture.Administrator();
        using var alice = await fixture.NewUserAsync();

        var known = await alice.OkAsync("POST", "/api/v0.2/personas/initialize-default");
        Assert.Equal(["success", "message", "persona", "was_created"], Members(known));
        Assert.Equal(("Default persona already exists", false), (Text(known, "message"), known.GetProperty("was_created").GetBoolean()));
        var mu = known.GetProperty("persona");
        Assert.Equal(("Mu", "system"), (Text(mu, "name"), Text(mu, "created_by")));
        Assert.Contains("cheerful robot companion", Text(mu, "description"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Beep boop", Text(mu, "system_prompt"), StringComparison.Ordinal);
        Assert.EndsWith("{tools_section}", Text(mu, "system_prompt"), StringComparison.Ordinal);
        Assert.Equal(
            ["cheerful", "encouraging", "helpful", "meditation_capable", "optimistic", "robotic_charm", "supportive"],
            mu.GetProperty("personality_traits").EnumerateObject().Where(trait => trait.Value.GetBoolean()).Select(trait => trait.Name).Order());
        Assert.Equal(
            ["breathing_exercises", "emotional_support", "general_conversation", "meditation_guidance", "mindfulness_coaching", "positive_reinforcement", "tool_usage"],
            mu.GetProperty("capabilities").EnumerateObject().Where(trait => trait.Value.GetBoolean()).Select(trait => trait.Name).Order());

        await admin.OkAsync("DELETE", $"/api/v0.2/personas/{Text(mu, "id")}");
        Assert.Empty(await alice.NamesAsync());
        var made = await alice.OkAsync("POST", "/api/v0.2/personas/initialize-default");
        Assert.Equal(("Default persona created successfully", true), (Text(made, "message"), made.GetProperty("was_created").GetBoolean()));

        await admin.OkAsync("DELETE", $"/api/v0.2/personas/{Text(made.GetProperty("persona"), "id")}");
        Assert.Equal("Mu", Text((await alice.OkAsync("GET", "/api/v0.2/personas/current")).GetProperty("persona"), "name"));
        Assert.Equal(["Mu"], await alice.NamesAsync());
    }

    [Theory]
    [InlineData("{}", "name")]
    [InlineData("""{"name": "", "description": "d", "system_prompt": "p"}""", "name")]
    [InlineData("""{"name": "n", "system_prompt": "p"}""", "description")]
    [InlineData("""{"name": "n", "description": "d"}""", "system_prompt")]
    [InlineData("""{"name": 7, "description": "d", "system_prompt": "p"}""", "name")]
    [InlineData("""{"name": "a\u0000b", "description": "d", "system_prompt": "p"}""", "name")]
    [InlineData("""{"name": "n", "description": "d", "system_prompt": "p", "personality_traits": ["a"]}""", "personality_traits")]
    [InlineData("""{"name": "n", "description": "d", "system_prompt": "p", "capabilities": "many"}""", "capabilities")]
    [InlineData("""{"name": "n", "description": "d", "system_prompt": "p", "capabilities": {"a": {"b": "\u0000"}}}""", "capabilities")]
    [InlineData("""{"name": "n", "description": "d", "system_prompt": "p", "capabilities": {"\ud800": 1}}""", "capabilities")]
    [InlineData("""{"name": "n", "description": "d", "system_prompt": "p", "capabilities": {"a": 1e999999}}""", "capabilities")]
    [InlineData("[]", null)]
    [InlineData("{", null)]
    public async Task A_mistake_in_a_persona_is_named(string body, string? field)
    {
        using var alice = await fixture.NewUserAsync();
        using var refused = await alice.Caller.PostRawAsync("/api/v0.2/personas", body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var mistake = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("detail")[0];
        Assert.Equal(field is null ? ["body"] : ["body", field], mistake.GetProperty("loc").EnumerateArray().Select(part => part.GetString()));
        Assert.Equal(["Mu"], await alice.NamesAsync());
    }

    [Theory]
    [InlineData("personality_traits", "\"tone\": \"\u00FF\"")]
    [InlineData("personality_traits", "\"tone\": [\"\u00ED\u00A0\u0080\"]")]
    [InlineData("capabilities", "\"\u00FF\": 1")]
    public async Task Bytes_that_are_not_UTF8_are_refused_wherever_they_stand(string field, string member)
    {
        using var alice = await fixture.NewUserAsync();
        var bytes = Encoding.Latin1.GetBytes($$$"""{"name": "n", "description": "d", "system_prompt": "p", "{{{field}}}": {{{{member}}}}}""");
        using var refused = await alice.Caller.Client.PostAsync("/api/v0.2/personas", new ByteArrayContent(bytes));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("must be valid Unicode", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["Mu"], await alice.NamesAsync());
    }

    [Fact]
    public async Task What_is_too_long_is_refused_and_the_longest_is_kept()
    {
        using var alice = await fixture.NewUserAsync();
        var id = await alice.CreateAsync(new string('n', 100), new string('p', 20_000));
        Assert.Equal(20_000, (await alice.OkAsync("GET", $"/api/v0.2/personas/{id}")).GetProperty("persona").GetProperty("system_prompt").GetString()!.Length);

        foreach (var body in new object[] { new { name = new string('n', 101) }, new { description = new string('d', 2_001) }, new { system_prompt = new string('p', 20_001) }, new { capabilities = new { a = new string('c', 17_000) } } })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await alice.SendAsync("PUT", $"/api/v0.2/personas/{id}", body)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await alice.SendAsync("GET", "/api/v0.2/personas?active_only=perhaps")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await alice.SendAsync("POST", "/api/v0.2/personas/set", new { })).Status);
    }

    [Fact]
    public async Task A_user_has_a_name_once_at_a_time_and_learns_nothing_of_the_names_of_others()
    {
        using var alice = await fixture.NewUserAsync();
        using var bob = await fixture.NewUserAsync();
        var first = await alice.CreateAsync("Ada", "one");
        await bob.CreateAsync("Ada", "two");

        var (status, body) = await alice.SendAsync("POST", "/api/v0.2/personas", new { name = "Ada", description = "d", system_prompt = "p" });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("name", Text(body, "detail"), StringComparison.Ordinal);
        var other = await alice.CreateAsync("Other", "p");
        Assert.Equal(HttpStatusCode.Conflict, (await alice.SendAsync("PUT", $"/api/v0.2/personas/{other}", new { name = "Ada" })).Status);

        await alice.OkAsync("DELETE", $"/api/v0.2/personas/{first}");
        await alice.CreateAsync("Ada", "three");
        Assert.Equal(HttpStatusCode.Conflict, (await alice.SendAsync("PUT", $"/api/v0.2/personas/{first}", new { is_active = true })).Status);
    }

    [Fact]
    public async Task A_user_has_so_many_personas_at_most()
    {
        using var alice = await fixture.NewUserAsync();
        await alice.CreateAsync("first", "p");
        await NativeServers.ExecuteAsync(fixture.Database, $"""
            INSERT INTO personas (name, description, system_prompt, created_by) SELECT 'p' || i, '', '', '{alice.Id}' FROM generate_series(2, 100) AS i
            """);

        var (status, body) = await alice.SendAsync("POST", "/api/v0.2/personas", new { name = "one more", description = "d", system_prompt = "p" });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("You have 100 personas, and that is the most: delete one first", Text(body, "detail"));
    }

    [Fact]
    public async Task A_deleted_persona_comes_back_only_where_there_is_room_for_it()
    {
        using var alice = await fixture.NewUserAsync();
        var first = await alice.CreateAsync("first", "p");
        await alice.OkAsync("DELETE", $"/api/v0.2/personas/{first}");
        await AddAsync(alice, 100, isActive: true);

        var (status, body) = await alice.SendAsync("PUT", $"/api/v0.2/personas/{first}", new { is_active = true });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("You have 100 personas, and that is the most: delete one first", Text(body, "detail"));
        Assert.Equal(HttpStatusCode.NotFound, (await alice.SendAsync("PUT", $"/api/v0.2/personas/{Guid.NewGuid()}", new { is_active = true })).Status);

        // Those that are there are changed as ever, also by who says so.
        var other = await NativeServers.QueryAsync<Guid>(fixture.Database, $"SELECT id FROM personas WHERE created_by = '{alice.Id}' AND is_active LIMIT 1");
        await alice.OkAsync("PUT", $"/api/v0.2/personas/{other}", new { is_active = true, description = "changed" });
        await alice.OkAsync("DELETE", $"/api/v0.2/personas/{other}");
        await alice.OkAsync("PUT", $"/api/v0.2/personas/{first}", new { is_active = true });
    }

    [Fact]
    public async Task Personas_that_are_made_and_taken_back_at_once_are_not_more_than_there_may_be()
    {
        using var alice = await fixture.NewUserAsync();
        await AddAsync(alice, 99, isActive: true);
        await AddAsync(alice, 8, isActive: false);
        var deleted = (await NativeServers.QueryAsync<string>(fixture.Database, $"SELECT string_agg(id::text, ' ') FROM personas WHERE created_by = '{alice.Id}' AND NOT is_active"))!.Split(' ');

        var answers = await Task.WhenAll([
            .. deleted.Select(id => alice.SendAsync("PUT", $"/api/v0.2/personas/{id}", new { is_active = true })),
            .. deleted.Select(id => alice.SendAsync("POST", "/api/v0.2/personas", new { name = $"new {id}", description = "d", system_prompt = "p" }))]);
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer.Status}"));
        Assert.Equal(100, await NativeServers.QueryAsync<long>(fixture.Database, $"SELECT count(*) FROM personas WHERE created_by = '{alice.Id}' AND is_active"));
    }

    private Task AddAsync(PersonaUser owner, int count, bool isActive) => NativeServers.ExecuteAsync(fixture.Database, $"""
        INSERT INTO personas (name, description, system_prompt, created_by, is_active)
        SELECT '{(isActive ? "there" : "deleted")} ' || i, '', '', '{owner.Id}', {isActive} FROM generate_series(1, {count}) AS i
        """);

    private static void AssertPersona(JsonElement persona) => Assert.Equal(
        ["name", "description", "system_prompt", "personality_traits", "capabilities", "id", "is_active", "created_by", "created_at", "updated_at"], Members(persona));

    private static IEnumerable<string> Members(JsonElement value) => value.EnumerateObject().Select(member => member.Name);

    private static string Text(JsonElement value, string name) => value.GetProperty(name).GetString()!;

    private static string Sorted(JsonElement value) =>
        JsonSerializer.Serialize(value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).ToDictionary(member => member.Name, member => member.Value));
}
