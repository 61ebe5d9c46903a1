using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Browser;

/// <summary>A user at the gateway, without a browser.</summary>
internal sealed class Caller : IDisposable
{
    private readonly HttpClient _client;

    public Caller(string gateway, Signed signed)
    {
        (UserId, Email) = (signed.UserId, signed.Email);
        _client = new HttpClient { BaseAddress = new Uri(gateway) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", signed.AccessToken);
    }

    public Guid UserId { get; }

    public string Email { get; }

    /// <summary>Says something and waits for the answer; returns the conversation.</summary>
    public async Task<string> SayAsync(string message, string? conversation = null) =>
        (await SendAsync(HttpMethod.Post, "/api/v1/chat", new { message, conversation_id = conversation })).GetProperty("_metadata").GetProperty("conversation_id").GetString()!;

    /// <summary>Begins a conversation that has this title.</summary>
    public async Task<string> BeginAsync(string title, string message)
    {
        var conversation = await SayAsync(message);
        await SendAsync(HttpMethod.Patch, $"/api/v1/conversations/{conversation}", new { title });
        return conversation;
    }

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    public void Dispose() => _client.Dispose();
}
