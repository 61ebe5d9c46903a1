using System.Security.Claims;
using System.Text.Json.Nodes;
using Gaia.Auth.Access;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Admin;

/// <summary>
/// A change that an administrator makes: in one transaction with its entry in the audit log, and announced once it is committed.
/// A change that returns an error leaves everything as it was.
/// </summary>
public sealed class AdminChange(AuthDbContext db, AuditLog audit, AccessChanges access, PermissionStore permissions, IEventBus events, TimeProvider time)
{
    private readonly List<AuthEvent> _events = [];
    private readonly HashSet<Guid> _affected = [];
    private bool _everybody;
    private Grantor? _grantor;

    public Grantor Grantor => _grantor ?? throw new InvalidOperationException("Begin the change first.");

    public DateTime Now => time.GetNaiveUtcNow();

    public async Task<AdminError?> RunAsync(ClaimsPrincipal user, Func<Task<AdminError?>> change, CancellationToken cancellationToken)
    {
        _grantor = await Grantor.OfAsync(user, permissions, cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (await change() is { } error)
                return error;
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        if (_everybody || _affected.Count > 0)
            await access.AnnounceAsync(_everybody ? null : [.. _affected]);
        _events.ForEach(events.Publish);
        return null;
    }

    /// <summary>Whose permissions the change may have changed; null for everybody's.</summary>
    public void Affects(Guid? userId)
    {
        if (userId is { } user)
            _affected.Add(user);
        else
            _everybody = true;
    }

    public void Publish(string what, Guid? userId, string role, string reason) =>
        _events.Add(new AuthEvent(what, time.GetUtcNow().UtcDateTime, userId, Grantor.UserId, Role: role, Reason: reason));

    public async Task LogAsync(string eventType, Guid? targetUserId = null, string? targetType = null, string? targetId = null, JsonObject? details = null) =>
        await audit.AddAsync(eventType, Grantor.UserId, targetUserId, targetType, targetId, details);

    /// <summary>Locks a user's row until the change is done, so that changes of one user come one after the other.</summary>
    /// <returns>An error when there is no such user.</returns>
    public async Task<AdminError?> LockUserAsync(Guid userId, CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<Guid>($"SELECT id AS \"Value\" FROM users WHERE id = {userId} FOR NO KEY UPDATE").ToListAsync(cancellationToken) is []
            ? AdminError.NotFound($"User {userId}")
            : null;

    /// <summary>When a grant shall end: UTC without a kind, in the future.</summary>
    public AdminError? ReadEnd(DateTime? expiresAt, out DateTime? end)
    {
        end = expiresAt is { } given ? DateTime.SpecifyKind(given, DateTimeKind.Unspecified) : null;
        return end <= Now ? AdminError.Invalid("expires_at must be in the future (UTC)") : null;
    }
}
