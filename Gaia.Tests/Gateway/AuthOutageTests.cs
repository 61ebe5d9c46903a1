using System.Net;
using System.Net.Http.Json;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Gateway;

/// <summary>The gateway and Chat for as long as Auth may be away: what each remembers of a caller must last as long as the other's.</summary>
[Collection(SharedServers.Name)]
public sealed class AuthOutageTests(NativeServers servers)
{
    private const string Conversations = "/api/v1/conversations";

    [Fact]
    public async Task For_minutes_without_Auth_cached_credentials_go_on_through_gateway_and_chat_others_get_503_and_nobody_401()
    {
        var clock = new ShiftedClock();
        var database = await servers.CreateDatabaseAsync();
        await using var provider = await ScriptedProvider.StartAsync();
        var auth = await AuthHost.StartAsync(servers, database, clock: clock);
        await using var chat = await ChatHost.StartAsync(servers, database, auth.Url, provider, [], log: null, clock);
        await using var gateway = await GatewayHost.StartAsync(servers, auth.Url, chat.Url, [], log: null, builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var (key, token) = ((await auth.CreateKeyAsync()).Secret, (await auth.RegisterAsync()).AccessToken);
        (string Header, string Value)[] known = [("X-API-Key", key), ("Authorization", $"Bearer {key}"), ("Authorization", $"Bearer {token}"), ("X-API-Key", AuthHost.DevelopmentKey)];
        (string Header, string Value)[] fresh = [("X-API-Key", (await auth.CreateKeyAsync()).Secret), ("Authorization", $"Bearer {(await auth.RegisterAsync()).AccessToken}")];
        foreach (var credential in known)
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, credential));
            Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Post, credential));
        }

        await auth.DisposeAsync();
        foreach (var seconds in new[] { 0, 10, 25, 85 })
        {
            clock.Advance(TimeSpan.FromSeconds(seconds));
            foreach (var credential in known)
            {
                Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, credential));
                Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Post, credential));
            }

            foreach (var credential in fresh)
                Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(HttpMethod.Get, credential));
            // What has no accepted form is nobody's credential, whoever is away.
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Get, ("X-API-Key", "garbage")));
        }

        // Not before five minutes is anybody forgotten, and then it is an outage.
        clock.Advance(TimeSpan.FromMinutes(4));
        foreach (var credential in known.Concat(fresh).Append(("X-API-Key", ApiKeyFormat.Generate())))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(HttpMethod.Get, credential));

        async Task<HttpStatusCode> AskAsync(HttpMethod method, (string Header, string Value) credential)
        {
            using var request = new HttpRequestMessage(method, method == HttpMethod.Get ? Conversations : "/api/v1/chat") { Headers = { { credential.Header, credential.Value } } };
            if (method == HttpMethod.Post)
                request.Content = JsonContent.Create(new { message = "Hello" });
            using var response = await gateway.Client.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(10));
            return response.StatusCode;
        }
    }
}
