using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Gateway;

/// <summary>What a second user gets who knows the ids of a first one, on every route of every service that takes one.</summary>
[Collection(SharedServers.Name)]
public sealed partial class ForeignIdTests(ReferenceFixture shared) : IClassFixture<ReferenceFixture>
{
    /// <summary>What these take proves by itself whose it is: who shows it is that user.</summary>
    private static readonly string[] TakingProofs = ["register", "login", "refresh", "logout", "confirm", "resend-verification", "validate", "api-key-login"];

    /// <summary>What is in these paths is no id: words to search for among the caller's own, and a link that is good for whoever has it.</summary>
    private static readonly string[] TakingNoIds = ["GET /api/v1/conversations/search/{query}", "GET /api/v1/shared/{token}"];

    /// <summary>Names of what is everybody's: the catalogue of models.</summary>
    private static readonly string[] Shared = ["provider", "model_id"];

    [Fact]
    public async Task A_second_users_id_key_or_conversation_on_every_route_that_takes_one_is_not_there()
    {
        var (owner, second) = (await shared.Auth.CreateKeyAsync(), await shared.Auth.CreateKeyAsync());
        var known = new ForeignResources(shared.Gateway, shared.Auth, owner).Requests;
        var services = shared.Services.ToDictionary(service => service.Key, service => new HttpClient { BaseAddress = new Uri(service.Value.Url) });
        var operations = Operations();
        var wrong = new List<string>();

        foreach (var (operation, service) in operations)
        {
            if (!known.TryGetValue(operation, out var make))
            {
                wrong.Add($"{operation} takes an id, and this test has none for it");
                continue;
            }

            var method = new HttpMethod(operation.Split(' ')[0]);
            var expected = operation.Contains("/admin/", StringComparison.Ordinal) ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound;
            var request = await make();
            foreach (var (place, client) in new[] { ("gateway", shared.Gateway.Client), (service, services[service]) })
            {
                using var refused = await client.SendAsync(method, request.Path, request.Body, second.Secret);
                if (refused.StatusCode != expected)
                    wrong.Add($"{operation} at the {place}: {(int)refused.StatusCode} {await refused.Content.ReadAsStringAsync()}");
            }

            // It is there, as it was, for who may: so the second user was refused for being another one, and changed nothing.
            var rightful = expected == HttpStatusCode.Forbidden ? AuthHost.DevelopmentKey : owner.Secret;
            using var granted = await shared.Gateway.SendAsync(method, request.Path, request.Body, rightful);
            if (!granted.IsSuccessStatusCode)
                wrong.Add($"{operation} for who may: {(int)granted.StatusCode} {await granted.Content.ReadAsStringAsync()}");
        }

        foreach (var client in services.Values)
            client.Dispose();
        Assert.Empty(wrong);
        Assert.Equal(known.Keys.Order(), operations.Keys.Order());
    }

    [Theory]
    [InlineData("/api/v1/conversations/{0}")]
    [InlineData("/api/v1/conversations/{0}/messages")]
    [InlineData("/api/v0.2/personas/{0}")]
    [InlineData("/api/v1/auth/keys/{0}")]
    public async Task A_second_users_key_token_or_user_id_is_no_id(string path)
    {
        var (owner, second) = (await shared.Auth.RegisterAsync(), await shared.Auth.CreateKeyAsync());
        var key = await shared.Auth.CreateKeyAsync();
        foreach (var value in new[] { owner.UserId.ToString(), owner.AccessToken, owner.RefreshToken, owner.Email, key.Secret, key.Row.KeyHash, key.Secret[..12], key.Row.UserId.ToString() })
        {
            using var refused = await shared.Gateway.SendAsync(HttpMethod.Get, string.Format(null, path, Uri.EscapeDataString(value)), body: null, second.Secret);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_list_holds_nothing_of_a_second_user()
    {
        var (owner, second) = (await shared.Auth.CreateKeyAsync(), await shared.Auth.CreateKeyAsync());
        using (var made = await shared.Gateway.SendAsync(HttpMethod.Post, "/api/v1/conversations", new { title = "private" }, owner.Secret))
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);

        foreach (var (path, list) in new[] { ("/api/v1/conversations", "conversations"), ("/api/v1/auth/keys", "keys") })
        {
            Assert.Single(await ListAsync(path, list, owner.Secret));
            Assert.DoesNotContain(await ListAsync(path, list, second.Secret), item => (string?)item!["id"] == owner.Row.Id.ToString() || (string?)item["title"] == "private");
        }
    }

    /// <summary>What is for services only is shown to no user, and not at all from outside.</summary>
    [Fact]
    public async Task An_internal_route_with_a_users_id_is_refused()
    {
        var (owner, second) = (await shared.Auth.CreateKeyAsync(), await shared.Auth.CreateKeyAsync());
        var internals = Endpoints().Where(endpoint => endpoint.Path.StartsWith("/internal", StringComparison.Ordinal) && endpoint.Path.Contains('{')).ToList();
        Assert.NotEmpty(internals);
        foreach (var (service, method, path) in internals)
        {
            var target = Parameter().Replace(path, owner.Row.UserId.ToString());
            using var client = new HttpClient { BaseAddress = new Uri(shared.Services[service].Url) };
            using var direct = await client.SendAsync(new HttpMethod(method), target, body: null, second.Secret);
            using var outside = await shared.Gateway.SendAsync(new HttpMethod(method), target, body: null, second.Secret);
            Assert.True(direct.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{path}: {direct.StatusCode}");
            Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
        }
    }

    private async Task<JsonArray> ListAsync(string path, string list, string key)
    {
        using var response = await shared.Gateway.SendAsync(HttpMethod.Get, path, body: null, key);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())![list]!.AsArray();
    }

    /// <summary>Every operation that takes an id in its path, query or body, with the service that has it: from the services' own endpoints and from the public description.</summary>
    private SortedDictionary<string, string> Operations()
    {
        var endpoints = Endpoints();
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (service, method, path) in endpoints.Where(endpoint => NamesOfOne(endpoint.Path).Any() && !endpoint.Path.StartsWith("/internal", StringComparison.Ordinal)))
            found.Add($"{method} {path}", service);
        foreach (var (path, verb, operation) in shared.Operations().Where(item => item.Operation["responses"]!["501"] is null && TakesId(item.Path, item.Operation)))
        {
            var method = verb.ToUpperInvariant();
            found[$"{method} {path}"] = endpoints.Single(endpoint => endpoint.Method == method && endpoint.Path == path).Service;
        }

        foreach (var operation in TakingNoIds)
            found.Remove(operation);
        return found;
    }

    private List<(string Service, string Method, string Path)> Endpoints() =>
    [
        .. from service in shared.Services
           from endpoint in service.Value.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           where !endpoint.RoutePattern.RawText!.StartsWith("/openapi", StringComparison.Ordinal)
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
           select (service.Key, method, Parameter().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "{$1}")),
    ];

    private bool TakesId(string path, JsonObject operation)
    {
        if (TakingProofs.Contains(path.Split('/')[^1]))
            return false;
        var body = operation["requestBody"]?["content"]?["application/json"]?["schema"];
        if ((string?)body?["$ref"] is { } reference)
            body = reference.Split('/').Skip(1).Aggregate((JsonNode?)shared.Document, (node, name) => node?[name]);
        var names = (operation["parameters"]?.AsArray() ?? []).Select(parameter => (string?)parameter!["name"])
            .Concat(body?["properties"]?.AsObject().Select(property => property.Key) ?? []);
        return NamesOfOne(path).Any() || names.Any(name => Id().IsMatch(name!) && !Shared.Contains(name));
    }

    /// <summary>The parameters in a path that name something of a user.</summary>
    private static IEnumerable<string> NamesOfOne(string path) => Parameter().Matches(path).Select(match => match.Groups[1].Value).Except(Shared);

    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("(^|_)id$", RegexOptions.IgnoreCase)]
    private static partial Regex Id();
}
