namespace Gaia.Auth.Workspaces;

/// <param name="WorkspaceType"><c>project</c>, <c>incident</c> or <c>research</c>.</param>
/// <param name="Status"><c>active</c>, <c>archived</c>, <c>completed</c> or <c>expired</c>: only an active one gives its members something.</param>
public sealed record WorkspaceBody(
    Guid Id,
    string Name,
    string DisplayName,
    string? Description,
    string WorkspaceType,
    string Status,
    long Members,
    DateTime? CreatedAt,
    string? CreatedBy,
    DateTime? ArchivedAt,
    DateTime? ExpiresAt);

public sealed record WorkspaceMember(Guid UserId, string Email, string? Name, DateTime? JoinedAt, string? InvitedBy);

/// <param name="Name">What the workspace is referred to by; cannot be changed later.</param>
/// <param name="WorkspaceType"><c>project</c> (the default), <c>incident</c> or <c>research</c>.</param>
public sealed record CreateWorkspaceRequest(string? Name, string? DisplayName, string? Description, string? WorkspaceType, DateTime? ExpiresAt);

/// <summary>What is left out stays as it is.</summary>
/// <param name="Status"><c>active</c>, <c>archived</c> or <c>completed</c>.</param>
public sealed record UpdateWorkspaceRequest(string? DisplayName, string? Description, string? Status, DateTime? ExpiresAt);
