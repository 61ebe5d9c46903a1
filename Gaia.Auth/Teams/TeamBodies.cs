namespace Gaia.Auth.Teams;

/// <param name="ParentTeamId">The team it is part of: what is granted to that one holds for this one's members too.</param>
/// <param name="IsActive">False when it is archived: then it gives its members nothing.</param>
public sealed record TeamBody(
    Guid Id, string Name, string DisplayName, string? Description, Guid? ParentTeamId, bool IsActive, long Members, DateTime? CreatedAt, string? CreatedBy, DateTime? UpdatedAt);

/// <param name="Above">The teams it is part of, the nearest first.</param>
/// <param name="Below">The teams that are part of it directly.</param>
public sealed record TeamDetails(TeamBody Team, IReadOnlyList<TeamName> Above, IReadOnlyList<TeamName> Below);

public sealed record TeamName(Guid Id, string Name);

public sealed record TeamMember(Guid UserId, string Email, string? Name, string TeamRole, DateTime? JoinedAt, string? InvitedBy);

/// <param name="Name">What the team is referred to by; cannot be changed later.</param>
public sealed record CreateTeamRequest(string? Name, string? DisplayName, string? Description, Guid? ParentTeamId);

/// <summary>What is left out stays as it is.</summary>
/// <param name="ParentTeamId">Moves the team below another one.</param>
/// <param name="IsRoot">True takes it out of the team it is part of.</param>
/// <param name="IsActive">False archives it.</param>
public sealed record UpdateTeamRequest(string? DisplayName, string? Description, Guid? ParentTeamId, bool? IsRoot, bool? IsActive);

/// <param name="TeamRole"><c>owner</c>, <c>admin</c>, <c>member</c> (the default) or <c>viewer</c>.</param>
public sealed record SetTeamMemberRequest(string? TeamRole);
