using System.Text.Json;
using Gaia.Tests.Infrastructure;
using static Gaia.Tests.Chat.Conversations.ConversationCalls;

namespace Gaia.Tests.Chat.Conversations;

[Collection(SharedServers.Name)]
public sealed class ShareTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task A_link_shows_what_had_been_said_to_whoever_has_it()
    {
        var (id, url, _) = await ShareAsync();
        await fixture.Alice.AddAsync(id, "user", "said later");
        await fixture.Alice.SendAsync("PATCH", $"{Root}/{id}", new { title = "renamed later" });

        using var response = await fixture.Anonymous.Client.GetAsync(url);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var shared = await fixture.Anonymous.GetAsync(url);
        Assert.Equal(["title", "created_at", "messages", "next_offset"], shared.EnumerateObject().Select(member => member.Name));
        Assert.Equal("shared", shared.Text("title"));
        var messages = shared.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal([("user", "a question"), ("assistant", "an answer")], messages.Select(message => (message.Text("role"), message.Text("content"))));
        Assert.All(messages, message => Assert.Equal(["role", "content", "created_at"], message.EnumerateObject().Select(member => member.Name)));
    }

    [Fact]
    public async Task A_link_still_shows_what_was_replaced_after_it_was_made()
    {
        var (id, url, _) = await ShareAsync();
        fixture.Provider.Reply("another answer");
        await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{(await fixture.Alice.MessageIdsAsync(id))[0]}/edit", new { content = "another question" });

        Assert.Equal(["a question", "an answer"], await ContentsAsync(url));
        var (_, later) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/share");
        Assert.Equal(["another question", "another answer"], await ContentsAsync(later.Text("url")));
    }

    [Fact]
    public async Task A_link_does_not_show_an_answer_that_was_made_anew_after_it()
    {
        var (id, _, _) = await ShareAsync();
        fixture.Provider.Stall(TimeSpan.FromSeconds(1.5), ["new "], ["answer"]);
        var asked = fixture.Provider.Requests.Count;
        var slow = fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{(await fixture.Alice.MessageIdsAsync(id))[1]}/regenerate");
        await fixture.Provider.WaitForRequestAsync(asked + 1);
        fixture.Provider.Reply("answer in between");
        await fixture.Alice.SayAsync("asked in between", id);
        var (_, share) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/share");
        var shown = await ContentsAsync(share.Text("url"));
        Assert.Equal(200, (await slow).Status);

        Assert.Equal(["a question", "an answer", "asked in between", "answer in between"], shown);
        Assert.Equal(shown, await ContentsAsync(share.Text("url")));
    }

    [Fact]
    public async Task A_long_conversation_is_shown_in_pages_of_bounded_size()
    {
        var id = await fixture.Alice.CreateAsync("long");
        var said = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            // Two of these are as much text as a page may have.
            said.Add($"{i} {(i >= 4 ? new string('x', 900_000) : "")}");
            await fixture.Alice.AddAsync(id, i % 2 == 0 ? "user" : "assistant", said[i]);
        }

        var (_, share) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/share");
        var shown = new List<string>();
        var sizes = new List<int>();
        for (int? offset = 0; offset is { } from;)
        {
            var page = await fixture.Anonymous.GetAsync($"{share.Text("url")}?limit=4&offset={from}");
            var contents = page.GetProperty("messages").EnumerateArray().Select(message => message.Text("content")).ToList();
            shown.AddRange(contents);
            sizes.Add(contents.Count);
            offset = page.GetProperty("next_offset") is { ValueKind: JsonValueKind.Number } next ? next.GetInt32() : null;
        }

        Assert.Equal(said, shown);
        Assert.Equal([4, 2, 1], sizes);
        Assert.Equal(422, (await fixture.Anonymous.SendAsync("GET", $"{share.Text("url")}?offset=-1")).Status);
        Assert.Equal(422, (await fixture.Anonymous.SendAsync("GET", $"{share.Text("url")}?limit=100000")).Status);
    }

    [Fact]
    public async Task A_token_is_random_and_kept_as_a_hash_alone()
    {
        var (id, url, share) = await ShareAsync();
        var (_, second) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/share");
        var token = url.Split('/')[^1];

        Assert.Matches(@"\A[A-Za-z0-9_-]{43}\z", token);
        Assert.NotEqual(token, second.Text("token"));
        Assert.Equal(1, await fixture.QueryAsync<long>($"SELECT count(*) FROM conversation_shares WHERE id = '{share}' AND token_hash = sha256('{token}'::bytea)"));
        Assert.DoesNotContain(token, (await fixture.Alice.GetAsync($"{Root}/{id}/shares")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_is_unknown_expired_revoked_or_of_a_deleted_conversation_is_not_found_alike()
    {
        var (_, expired, expiredId) = await ShareAsync();
        await NativeServers.ExecuteAsync(fixture.Database, $"UPDATE conversation_shares SET expires_at = (now() AT TIME ZONE 'utc') - interval '1 second' WHERE id = '{expiredId}'");
        var (revokedIn, revoked, revokedId) = await ShareAsync();
        Assert.Equal(404, (await fixture.Bob.SendAsync("DELETE", $"{Root}/{revokedIn}/shares/{revokedId}")).Status);
        await fixture.Anonymous.GetAsync(revoked);
        Assert.Equal(204, (await fixture.Alice.SendAsync("DELETE", $"{Root}/{revokedIn}/shares/{revokedId}")).Status);
        Assert.Equal(404, (await fixture.Alice.SendAsync("DELETE", $"{Root}/{revokedIn}/shares/{revokedId}")).Status);
        var (deletedId, deleted, _) = await ShareAsync();
        await fixture.Alice.SendAsync("DELETE", $"{Root}/{deletedId}");

        var answers = new List<(int Status, string Body)>();
        foreach (var url in new[] { expired, revoked, deleted, $"/api/v1/shared/{new string('A', 43)}", "/api/v1/shared/short", $"/api/v1/shared/{deletedId}" })
        {
            var (status, body) = await fixture.Anonymous.SendAsync("GET", url);
            answers.Add((status, body.GetRawText()));
        }

        Assert.Equal(404, Assert.Single(answers.Distinct()).Status);
    }

    [Fact]
    public async Task Links_are_listed_until_they_end()
    {
        var (id, _, first) = await ShareAsync();
        var (status, hours) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/share", new { expires_in_hours = 1.5 });
        Assert.Equal(201, status);
        var (_, date) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/share", new { expires_at = "2999-01-31T01:00:00+01:00" });
        Assert.Equal("2999-01-31T00:00:00.000000", date.Text("expires_at"));

        var shares = (await fixture.Alice.GetAsync($"{Root}/{id}/shares")).GetProperty("shares").EnumerateArray().ToList();
        Assert.Equal([date.Text("id"), hours.Text("id"), first], shares.Select(share => share.Text("id")));
        Assert.Equal([date.Text("expires_at"), hours.Text("expires_at"), null], shares.Select(share => share.GetProperty("expires_at").GetString()));
        await NativeServers.ExecuteAsync(fixture.Database, $"UPDATE conversation_shares SET expires_at = '2020-01-01' WHERE id = '{first}'");
        Assert.Equal(2, (await fixture.Alice.GetAsync($"{Root}/{id}/shares")).GetProperty("shares").GetArrayLength());
        Assert.Equal(404, (await fixture.Bob.SendAsync("GET", $"{Root}/{id}/shares")).Status);
        Assert.Equal(404, (await fixture.Bob.SendAsync("POST", $"{Root}/{id}/share")).Status);
    }

    [Theory]
    [InlineData("2999-01-31T01:02:03Z", "2999-01-31T01:02:03.000000")]
    [InlineData("2999-01-31T01:02:03", "2999-01-31T01:02:03.000000")]
    [InlineData("2999-01-31T01:02:03.123456-05:30", "2999-01-31T06:32:03.123456")]
    [InlineData("2999-01-31T01:02", "2999-01-31T01:02:00.000000")]
    [InlineData("2999-01-31", "2999-01-31T00:00:00.000000")]
    public async Task An_end_is_in_UTC_where_it_has_no_offset(string sent, string end)
    {
        var id = await fixture.Alice.CreateAsync("shared until");
        var (status, share) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/share", new { expires_at = sent });
        Assert.Equal(201, status);
        Assert.Equal(end, share.Text("expires_at"));
    }

    [Theory]
    [InlineData("""{"expires_in_hours": 0}""", "expires_in_hours must be a number above 0")]
    [InlineData("""{"expires_in_hours": "2"}""", "expires_in_hours must be a number above 0")]
    [InlineData("""{"expires_at": "tomorrow"}""", "expires_at must be a time in ISO 8601")]
    [InlineData("""{"expires_at": "12/31/2099"}""", "expires_at must be a time in ISO 8601")]
    [InlineData("""{"expires_at": "31 Dec 2099 10:00 GMT"}""", "expires_at must be a time in ISO 8601")]
    [InlineData("""{"expires_at": "23:59"}""", "expires_at must be a time in ISO 8601")]
    [InlineData("""{"expires_at": 4102444800}""", "expires_at must be a string")]
    [InlineData("""{"expires_at": "2020-01-01T00:00:00Z"}""", "expires_at must be in the future")]
    [InlineData("""{"expires_at": "2999-01-01T00:00:00Z", "expires_in_hours": 1}""", "not both")]
    public async Task A_wrong_end_is_refused(string body, string text)
    {
        var id = await fixture.Alice.CreateAsync("not shared");
        using var response = await fixture.Alice.PostRawAsync($"{Root}/{id}/share", body);
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains(text, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<(string Id, string Url, string Share)> ShareAsync()
    {
        var id = await fixture.Alice.CreateAsync("shared");
        await fixture.Alice.AddAsync(id, "user", "a question");
        await fixture.Alice.AddAsync(id, "assistant", "an answer");
        await fixture.Alice.AddAsync(id, "system", "a rule of mine");
        var (status, share) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/share");
        Assert.Equal(201, status);
        Assert.Equal(["id", "token", "url", "expires_at"], share.EnumerateObject().Select(member => member.Name));
        Assert.Equal($"/api/v1/shared/{share.Text("token")}", share.Text("url"));
        return (id, share.Text("url"), share.Text("id"));
    }

    private async Task<IReadOnlyList<string>> ContentsAsync(string url) =>
        [.. (await fixture.Anonymous.GetAsync(url)).GetProperty("messages").EnumerateArray().Select(message => message.Text("content"))];
}
