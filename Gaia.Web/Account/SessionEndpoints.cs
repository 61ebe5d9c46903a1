using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Gaia.Web.Status;

namespace Gaia.Web.Account;

internal sealed record SessionUserBody(Guid Id, string Email, string Name);

/// <param name="User">Null, and absent, where nobody is signed in.</param>
internal sealed record SessionBody(bool Authenticated, SessionUserBody? User);

/// <summary>What scripts ask for: who is signed in, never with what, and the gateway's own routes for clients that know this address alone.</summary>
internal static class SessionEndpoints
{
    internal static void MapSession(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/session", static (HttpContext http) =>
            TypedResults.Json(WebUser.From(http.User) is { } user ? new SessionBody(Authenticated: true, Describe(user)) : new SessionBody(Authenticated: false, null), WebJson.Default.SessionBody))
            .AllowAnonymous();
        routes.MapGet("/api/user", GetUser).AllowAnonymous();
        routes.MapGet("/api/health", GetHealthAsync).AllowAnonymous().NeedsNoSession();
        foreach (var operation in new[] { "login", "register" })
        {
            routes.MapPost($"/api/v1/auth/{operation}", (HttpRequest request, GatewayTransport gateway, CancellationToken cancellationToken) => ForwardAsync(operation, request, gateway, cancellationToken))
                .AllowAnonymous().NeedsNoSession().WithoutAntiforgery();
        }
    }

    private static IResult GetUser(HttpContext http) => WebUser.From(http.User) is { } user
        ? TypedResults.Json(Describe(user), WebJson.Default.SessionUserBody)
        : TypedResults.Json(new Dictionary<string, string> { ["error"] = "Not authenticated" }, WebJson.Default.DictionaryStringString, statusCode: StatusCodes.Status401Unauthorized);

    private static async Task<IResult> GetHealthAsync(GatewayClient gateway, CancellationToken cancellationToken)
    {
        var answer = await gateway.GetHealthAsync(cancellationToken);
        return answer.Health is { } health
            ? TypedResults.Json(health, WebJson.Default.GatewayHealth)
            : TypedResults.Json(
                new Dictionary<string, string> { ["status"] = "unhealthy", ["error"] = answer.Failure ?? "" }, WebJson.Default.DictionaryStringString, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>The tokens in the answer are the client's own: this service keeps no session for it.</summary>
    private static async Task<IResult> ForwardAsync(string operation, HttpRequest request, GatewayTransport gateway, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, maxSize: 64 * 1024, emptyIsObject: true, cancellationToken);
        string? email = null, password = null;
        if (body.Error is not null || !body.TryGetText("email", out email, out _) || !body.TryGetText("password", out password, out _)
            || string.IsNullOrWhiteSpace(email) || string.IsNullOrEmpty(password))
        {
            return LegacyResults.BadRequest("Email and password are required");
        }

        try
        {
            var answer = await gateway.SendAsync(
                HttpMethod.Post, $"/api/v1/auth/{operation}", GatewayBody.Of(new CredentialsBody(email, password), WebJson.Default.CredentialsBody), null, WebJson.Default.JsonElement, cancellationToken);
            return TypedResults.Json(answer, WebJson.Default.JsonElement);
        }
        catch (GatewayException refused)
        {
            return LegacyResults.Error(refused.Status, refused.Detail);
        }
    }

    private static SessionUserBody Describe(WebUser user) => new(user.Id, user.Email, user.Name);
}
