using System.Text.Json;
using Gaia.Auth.ApiKeys;
using Gaia.Auth.Users;

namespace Gaia.Auth.Supabase;

/// <summary>
/// Asks the project's function <c>validate_api_key_simple</c>, or <c>validate_api_key</c> where it has only that one. The key's
/// owner gets a row here as every user of the project does.
/// </summary>
internal sealed class SupabaseKeyLookup(AuthDbContext db, GoTrueClient project, UserProvisioning users)
{
    private const int IdLength = 16;

    private static readonly string[] Functions = ["validate_api_key_simple", "validate_api_key"];

    /// <returns>Null for a key that is unknown there, or does not count.</returns>
    public async Task<VerifiedApiKey?> FindAsync(string hash, CancellationToken cancellationToken)
    {
        foreach (var function in Functions)
        {
            var answer = await project.CallFunctionAsync(function, new() { ["key_hash_input"] = hash }, cancellationToken);
            if (answer.IsSuccess)
                return await ReadAsync(answer.Body, hash, cancellationToken);
        }

        return null;
    }

    private async Task<VerifiedApiKey?> ReadAsync(JsonElement body, string hash, CancellationToken cancellationToken)
    {
        // A function that returns a table answers a list.
        var row = body.ValueKind == JsonValueKind.Array && body.GetArrayLength() > 0 ? body[0] : body;
        if (row.ValueKind != JsonValueKind.Object
            || !row.TryGetProperty("is_valid", out var isValid) || isValid.ValueKind != JsonValueKind.True
            || !row.TryGetProperty("user_id", out var owner) || owner.ValueKind != JsonValueKind.String || !owner.TryGetGuid(out var subject))
        {
            return null;
        }

        var userId = await users.ProvisionAsync(UserProvisioning.Supabase, subject, email: null, name: null, static _ => Task.FromResult(false), cancellationToken);
        if (await UserProvisioning.IsDisabledAsync(db, userId, cancellationToken))
            return null;
        // The permissions of its keys are what their owners may write there, so they give no role. The project does not tell the
        // key's id; the hash gives one that stays the same.
        return new VerifiedApiKey(
            new Guid(Convert.FromHexString(hash).AsSpan(0, IdLength)), hash, userId, Email: null, Scopes: [], KeyRoles: [], ExpiresAt: null, RateLimit: null);
    }
}
