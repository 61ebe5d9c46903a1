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
        await client.ConnectAsync(IPAddress.Loopback, fixture.Servers.Nats.Port);
        using var reader = new StreamReader(client.GetStream());
        await client.GetStream().WriteAsync("CONNECT {\"verbose\":false}\r\nSUB gaia.chat.message.* 1\r\nPING\r\n"u8.ToArray());
        while (await reader.ReadLineAsync() != "PONG")
        {
        }

        fixture.Provider.Reply("the canary answers").Fail(HttpStatusCode.InternalServerError, "the canary fails");
        var conversation = await fixture.Alice.SayAsync("the canary asks");
        using (await fixture.Alice.PostAsync(new { message = "the canary asks again", conversation_id = conversation }))
        {
        }

        var events = new List<(string Subject, JsonElement Body)>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while (events.Count < 4)
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
}
