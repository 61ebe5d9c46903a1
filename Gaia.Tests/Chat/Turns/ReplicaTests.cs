using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Turns;

/// <summary>Two Chat processes behind one gateway.</summary>
[Collection(SharedServers.Name)]
public sealed class ReplicaTests(NativeServers servers)
{
    private const int Streams = 50;

    private static readonly string[] Words = [.. Enumerable.Range(1, 160).Select(i => $"word{i} ")];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Killing_either_of_two_replicas_under_50_streams_loses_no_message_and_leaves_no_client_hanging(int victim)
    {
        var database = await servers.CreateDatabaseAsync();
        await using var auth = await AuthHost.StartAsync(servers, database);
        await using var provider = await ScriptedProvider.StartAsync();
        provider.Stream(TimeSpan.FromMilliseconds(50), Words);
        var starting = new[] { SeparateProcess.ChatAsync(servers, database, auth.Url, provider), SeparateProcess.ChatAsync(servers, database, auth.Url, provider) };
        var replicas = await Task.WhenAll(starting);
        await using var first = replicas[0];
        await using var second = replicas[1];
        await using var gateway = await GatewayHost.StartAsync(
            servers, auth.Url, first.Url,
            ("ReverseProxy:Clusters:chat:Destinations:second:Address", second.Url), ("ReverseProxy:Clusters:chat:LoadBalancingPolicy", "RoundRobin"));

        // Each has asked Auth once: whoever is cold may be slow at that.
        foreach (var replica in replicas)
        {
            await Eventually.TrueAsync(async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations");
                request.Headers.Add("X-API-Key", AuthHost.DevelopmentKey);
                using var response = await replica.Client.SendAsync(request);
                return response.IsSuccessStatusCode;
            });
        }

        var streams = Enumerable.Range(0, Streams).Select(i => new OneStream(gateway.Client, $"question {i}")).ToList();
        var reading = streams.ConvertAll(stream => stream.ReadAsync());
        await Eventually.TrueAsync(() => Task.FromResult(streams.TrueForAll(stream => stream.Text.Length > 0)), seconds: 30);
        await replicas[victim].KillAsync();
        // None hangs.
        await Task.WhenAll(reading).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.InRange(streams.Count(stream => stream.Ended), 1, Streams - 1);
        foreach (var stream in streams)
        {
            // Acknowledged is what has a conversation; whole is what was said to be done.
            Assert.Equal(stream.Question, await NativeServers.QueryAsync<string>(database, $"SELECT content FROM chat_messages WHERE conversation_id = '{stream.Conversation}' AND role = 'user'"));
            if (stream.Done)
                Assert.Equal(string.Concat(Words), await NativeServers.QueryAsync<string>(database, $"SELECT content FROM chat_messages WHERE conversation_id = '{stream.Conversation}' AND role = 'assistant'"));
            Assert.True(stream.Done || stream.Failed, $"'{stream.Question}' ended with neither an end nor an error.");
        }

        // The other one goes on.
        provider.Reply("still here");
        await Eventually.TrueAsync(async () =>
        {
            using var response = await OneStream.AskAsync(gateway.Client, "hello?", stream: false);
            return response.IsSuccessStatusCode;
        });
    }

    /// <summary>A client of one stream, and what it saw of it.</summary>
    private sealed class OneStream(HttpClient client, string question)
    {
        public string Question => question;

        public string? Conversation { get; private set; }

        public string Text { get; private set; } = "";

        public bool Done { get; private set; }

        public bool Ended { get; private set; }

        public bool Failed { get; private set; }

        public static Task<HttpResponseMessage> AskAsync(HttpClient client, string question, bool stream)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = JsonContent.Create(new { message = question, stream }) };
            request.Headers.Add("X-API-Key", AuthHost.DevelopmentKey);
            return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }

        public async Task ReadAsync()
        {
            try
            {
                using var response = await AskAsync(client, question, stream: true);
                Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
                await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
                {
                    var seen = new ReceivedEvent(item.Data, default);
                    Text += seen.Content;
                    Ended |= item.Data == "[DONE]";
                    Done |= item.Data.Contains("\"done\"", StringComparison.Ordinal);
                    if (Conversation is null)
                        Conversation = seen.Json.GetProperty("conversation_id").GetString();
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                Failed = true;
            }
        }
    }
}
