using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gaia.Tests.Infrastructure;

/// <summary>What a client of the user routes sends, and what it gets.</summary>
internal static class UserRequests
{
    public const string Password = "correct horse battery staple";

    public static string NewEmail() => $"{Guid.NewGuid():N}@example.com";

    /// <summary>Posts to a route of the service's own address, such as <c>login</c>.</summary>
    public static async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(this AuthHost auth, string operation, object? body, string? bearer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, operation.StartsWith('/') ? operation : $"/auth/{operation}");
        if (body is not null)
            request.Content = JsonContent.Create(body);
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var response = await auth.Client.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    /// <summary>A new user with a session.</summary>
    public static async Task<Signed> RegisterAsync(this AuthHost auth, string? email = null)
    {
        email ??= NewEmail();
        var (status, body) = await auth.PostAsync("register", new { email, password = Password });
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return Signed.Read(body);
    }

    public static async Task<Signed> LoginAsync(this AuthHost auth, string email, string password = Password)
    {
        var (status, body) = await auth.PostAsync("login", new { email, password });
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return Signed.Read(body);
    }

    /// <summary>What Auth says of a user's token, as the other services ask it.</summary>
    public static async Task<JsonNode> ExchangeAsync(this AuthHost auth, string token)
    {
        using var response = await auth.AsService.PostAsJsonAsync("/internal/validate", new { token });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    public static async Task<bool> CountsAsync(this AuthHost auth, string token) => (bool)(await auth.ExchangeAsync(token))["valid"]!;

    /// <summary>The token in the link of the last mail to an address.</summary>
    public static async Task<string> MailedTokenAsync(string database, string email)
    {
        var body = await NativeServers.QueryAsync<string>(database, $"SELECT body FROM auth_mail_outbox WHERE recipient = '{email}' ORDER BY created_at DESC LIMIT 1");
        Assert.NotNull(body);
        return body.Split("token=")[1].Split('&')[0];
    }
}

internal sealed record Signed(Guid UserId, string Email, string AccessToken, string RefreshToken)
{
    public static Signed Read(JsonNode body) => new(
        Guid.Parse((string)body["user"]!["id"]!),
        (string)body["user"]!["email"]!,
        (string)body["session"]!["access_token"]!,
        (string)body["session"]!["refresh_token"]!);
}
