using System.Security.Cryptography;
using System.Text.Json;
using Gaia.ServiceDefaults.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Tokens;

/// <summary>
/// The signing keys of all replicas, in the database. Two are published at any time: the one that signs and the next, or for the
/// first hours after a rotation the one that signs and the one before.
/// </summary>
public sealed partial class SigningKeys(
    IServiceScopeFactory scopes, SecretBox box, IOptions<AuthOptions> options, TimeProvider time, ILogger<SigningKeys> logger)
{
    /// <summary>For how long a key is published after it has ceased to sign: longer than the longest token lives, which is a user's hour.</summary>
    internal static readonly TimeSpan Overlap = TimeSpan.FromHours(2);

    /// <summary>Any constant; held while a replica decides whether a key is due.</summary>
    private const long AdvisoryLock = 0x6761_6962;

    private volatile IReadOnlyList<SigningKey> _published = [];

    /// <summary>The key to sign with now.</summary>
    /// <exception cref="DependencyUnavailableException">The keys have not been read yet: PostgreSQL was away ever since the start.</exception>
    public SigningCredentials Current
    {
        get
        {
            var now = time.GetUtcNow();
            var current = _published.LastOrDefault(key => key.ActivatesAt <= now) ?? throw new DependencyUnavailableException("database");
            return current.Credentials;
        }
    }

    /// <summary>The public halves, the oldest first.</summary>
    /// <exception cref="DependencyUnavailableException">The keys have not been read yet.</exception>
    public JsonWebKeyDocument PublicKeys =>
        _published is { Count: > 0 } keys
            ? new JsonWebKeyDocument([.. keys.Select(key => key.PublicKey)])
            : throw new DependencyUnavailableException("database");

    /// <summary>A published key, to verify with.</summary>
    /// <returns>Null for a key that is none of ours, or retired.</returns>
    /// <exception cref="DependencyUnavailableException">The keys have not been read yet.</exception>
    public SecurityKey? Find(string keyId) =>
        _published is { Count: > 0 } keys
            ? keys.FirstOrDefault(key => key.PublicKey.Kid == keyId)?.Credentials.Key
            : throw new DependencyUnavailableException("database");

    /// <summary>Reads the keys, makes those that are due and deletes those that have retired.</summary>
    /// <exception cref="CryptographicException">The keys in the database were sealed with another encryption key.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock})", cancellationToken);

        var now = time.GetUtcNow();
        await db.SigningKeys.Where(key => key.RetiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        var rows = await db.SigningKeys.OrderBy(key => key.ActivatesAt).ToListAsync(cancellationToken);
        if (!rows.Exists(key => key.ActivatesAt <= now))
            rows.Insert(0, Add(db, now, now));
        if (rows.Count < 2)
            rows.Add(Add(db, now, rows[^1].ActivatesAt + options.Value.SigningKeyLifetime));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Publish(rows);
    }

    private SigningKeyRow Add(AuthDbContext db, DateTimeOffset now, DateTimeOffset activatesAt)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var kid = Guid.CreateVersion7(now).ToString("N");
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var publicKey = new PublicJsonWebKey(kid, Base64UrlEncoder.Encode(point.X), Base64UrlEncoder.Encode(point.Y));
        var row = new SigningKeyRow
        {
            Kid = kid,
            PublicJwk = JsonSerializer.Serialize(publicKey, TokensJson.Default.PublicJsonWebKey),
            SealedPrivateKey = box.Seal(kid, key.ExportPkcs8PrivateKey()),
            CreatedAt = now,
            ActivatesAt = activatesAt,
            RetiresAt = activatesAt + options.Value.SigningKeyLifetime + Overlap,
        };
        db.SigningKeys.Add(row);
        LogMade(kid, activatesAt);
        return row;
    }

    private void Publish(List<SigningKeyRow> rows)
    {
        var known = _published.ToDictionary(key => key.PublicKey.Kid, StringComparer.Ordinal);
        _published = [.. rows.Select(row => known.GetValueOrDefault(row.Kid) ?? SigningKey.Open(row, box))];
    }

    [LoggerMessage(LogLevel.Information, "Made signing key {Kid}, which signs from {ActivatesAt:u}")]
    private partial void LogMade(string kid, DateTimeOffset activatesAt);
}
