using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

[Collection(SharedServers.Name)]
public sealed class EventTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task The_life_of_an_answer_is_published_without_its_text()
    {
        using var client = new TcpClient();
        using var reader = await SubscribeAsync(client, "gaia.chat.message.*");

        fixture.Provider.Reply("the canary answers").Fail(HttpStatusCode.InternalServerError, "the canary fails");
        var conversation = await fixture.Alice.SayAsync("the canary asks");
        using (await fixture.Alice.PostAsync(new { message = "the canary asks again", conversation_id = conversation }))
        {
        }

        var events = await ReadAsync(reader, count: 4);
        Assert.Equal(
            ["gaia.chat.message.start", "gaia.chat.message.complete", "gaia.chat.message.start", "gaia.chat.message.failed"],
            events.Select(item => item.Subject));
        Assert.Equal(["started", "completed", "started", "failed"], events.Select(item => item.Body.GetProperty("status").GetString()));
        Assert.All(events, item => Assert.Equal(conversation, item.Body.GetProperty("conversation_id").GetString()));
        Assert.Equal(events[0].Body.GetProperty("message_id").GetString(), events[1].Body.GetProperty("message_id").GetString());
        Assert.Equal(3, events[1].Body.GetProperty("details").GetProperty("completion_tokens").GetInt32());
        Assert.Equal("server_error", events[3].Body.GetProperty("details").GetProperty("error_type").GetString());
        Assert.All(events, item => Assert.DoesNotContain("canary", item.Body.GetRawText(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("at once")]
    [InlineData("later")]
    [InlineData("never")]
    [InlineData("streamed")]
    public async Task Whoever_hears_of_a_new_conversation_finds_it_with_its_question(string answered)
    {
        using var client = new TcpClient();
        using var reader = await SubscribeAsync(client, "gaia.chat.*.created");
        var script = answered switch
        {
            "later" => fixture.Provider.Stall(TimeSpan.FromSeconds(1), ["well, "], ["yes"]),
            "never" => fixture.Provider.Fail(HttpStatusCode.BadRequest),
            _ => fixture.Provider.Reply("yes"),
        };
        script.Reply("next");
        var asked = fixture.Alice.PostAsync(new { message = "anyone?", stream = answered == "streamed" });

        var (_, created) = (await ReadAsync(reader, count: 1))[0];
        var question = created.GetProperty("message_id").GetString();
        Assert.Equal(created.GetProperty("conversation_id").GetString(), await fixture.QueryAsync<string>($"SELECT conversation_id::text FROM chat_messages WHERE id = '{question}' AND content = 'anyone?'"));
        if (answered == "later")
            Assert.False(await fixture.QueryAsync<bool>($"SELECT EXISTS (SELECT 1 FROM chat_messages WHERE question_id = '{question}')"));

        using var answer = await asked;
        await fixture.Alice.SayAsync("next");
        Assert.NotEqual(question, (await ReadAsync(reader, count: 1))[0].Body.GetProperty("message_id").GetString());
    }

    private async Task<StreamReader> SubscribeAsync(TcpClient client, string subject)
    {
        await client.ConnectAsync(IPAddress.Loopback, fixture.Servers.Nats.Port);
        var reader = new StreamReader(client.GetStream());
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {{\"verbose\":false}}\r\nSUB {subject} 1\r\nPING\r\n"));
        while (await reader.ReadLineAsync() != "PONG")
        {
        }

        return reader;
    }

    private static async Task<List<(string Subject, JsonElement Body)>> ReadAsync(StreamReader reader, int count)
    {
        var events = new List<(string Subject, JsonElement Body)>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while (events.Count < count)
        {
            var line = await reader.ReadLineAsync(limit.Token);
            if (line!.Split(' ') is not ["MSG" or "HMSG", var subject, ..])
                continue;
            var text = new StringBuilder();
            while (!text.ToString().Contains('}'))
                text.Append(await reader.ReadLineAsync(limit.Token)).Append('\n');
            var body = text.ToString();
            events.Add((subject, JsonDocument.Parse(body[body.IndexOf('{')..]).RootElement));
        }

        return events;
    }
}
