using System.Text.Json.Nodes;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.ApiKeys;

/// <summary>
/// Keeps the keys that come with the deployment: the development key in Development, and <c>API_KEY</c>. A replaced or removed
/// <c>API_KEY</c> counts no longer.
/// </summary>
public sealed partial class ConfiguredKeys(
    AuthDbContext db,
    Revocation revocation,
    IHostEnvironment environment,
    IOptions<IdentityOptions> options,
    ILogger<ConfiguredKeys> logger)
{
    internal const string OperatorEmail = "operator@gaia.local";
    private const string OperatorName = "Operator";
    private const string OperatorKeyName = "API_KEY";

    /// <summary>Marks the rows that come from <c>API_KEY</c>, now or formerly.</summary>
    internal const string FromConfiguration = """{"source": "configuration"}""";
    private const string OperatorPermissions = """{"admin": true, "source": "configuration"}""";

    public async Task SeedAsync(CancellationToken cancellationToken)
    {
        if (environment.IsDevelopment())
        {
            var developer = await EnsureUserAsync(DevelopmentKey.UserEmail, DevelopmentKey.UserName, cancellationToken);
            await EnsureKeyAsync(developer, DevelopmentKey.Hash, DevelopmentKey.KeyName, DevelopmentKey.Permissions, cancellationToken);
        }

        var current = options.Value.OperatorKey is { } key ? Credential.Hash(key) : null;
        if (current is not null && (current != DevelopmentKey.Hash || environment.IsDevelopment()))
        {
            var owner = environment.IsDevelopment()
                ? await EnsureUserAsync(DevelopmentKey.UserEmail, DevelopmentKey.UserName, cancellationToken)
                : await EnsureUserAsync(OperatorEmail, OperatorName, cancellationToken);
            await EnsureKeyAsync(owner, current, OperatorKeyName, OperatorPermissions, cancellationToken);
        }

        await RetireOthersAsync(current, cancellationToken);
    }

    /// <summary>Whether the key comes with the deployment, so that it is changed there.</summary>
    internal static bool Owns(ApiKey key) =>
        key.KeyHash == DevelopmentKey.Hash
        || (key.Permissions is { } permissions && JsonNode.Parse(permissions) is JsonObject parsed && parsed["source"] is JsonValue source
            && source.TryGetValue(out string? word) && word == "configuration");

    private async Task<Guid> EnsureUserAsync(string email, string name, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO users (email, name) VALUES ({email}, {name}) ON CONFLICT (email) DO NOTHING", cancellationToken);
        return await db.Users.Where(user => user.Email == email).Select(user => user.Id).SingleAsync(cancellationToken);
    }

    /// <summary>A key that is there already stays as it is, unless it was configured before and is configured again.</summary>
    private async Task EnsureKeyAsync(Guid userId, string hash, string name, string permissions, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO api_keys (user_id, key_hash, name, permissions, is_active) VALUES ({userId}, {hash}, {name}, {permissions}::jsonb, true)
            ON CONFLICT (key_hash) DO UPDATE SET is_active = true
            WHERE api_keys.permissions @> {FromConfiguration}::jsonb AND api_keys.is_active IS NOT TRUE
            """, cancellationToken);

    private async Task RetireOthersAsync(string? current, CancellationToken cancellationToken)
    {
        var retired = await db.Database.SqlQuery<string>($"""
            UPDATE api_keys SET is_active = false
            WHERE permissions @> {FromConfiguration}::jsonb AND is_active AND key_hash IS DISTINCT FROM {current}
            RETURNING key_hash
            """).ToListAsync(cancellationToken);
        if (retired is [])
            return;
        LogRetired(retired.Count);
        await revocation.AnnounceKeysAsync(retired, "replaced", cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "API_KEY was replaced or removed: {Count} former key(s) count no longer")]
    private partial void LogRetired(int count);
}
