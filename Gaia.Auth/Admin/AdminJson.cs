using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.Auth.Audit;
using Gaia.Auth.Permissions;
using Gaia.Auth.Roles;
using Gaia.Auth.Teams;
using Gaia.Auth.Workspaces;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Auth.Admin;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(Listing<UserBody>))]
[JsonSerializable(typeof(UserDetails))]
[JsonSerializable(typeof(AssignRoleRequest))]
[JsonSerializable(typeof(GrantPermissionRequest))]
[JsonSerializable(typeof(Listing<AdminKeyBody>))]
[JsonSerializable(typeof(LimitKeyRequest))]
[JsonSerializable(typeof(Listing<RoleBody>))]
[JsonSerializable(typeof(RoleDetails))]
[JsonSerializable(typeof(CreateRoleRequest))]
[JsonSerializable(typeof(UpdateRoleRequest))]
[JsonSerializable(typeof(RolePermissionRequest))]
[JsonSerializable(typeof(Listing<PermissionBody>))]
[JsonSerializable(typeof(PermissionBody))]
[JsonSerializable(typeof(CreatePermissionRequest))]
[JsonSerializable(typeof(CheckRequest))]
[JsonSerializable(typeof(CheckResponse))]
[JsonSerializable(typeof(Listing<ResourceGrantBody>))]
[JsonSerializable(typeof(GrantResourceRequest))]
[JsonSerializable(typeof(Listing<TeamBody>))]
[JsonSerializable(typeof(TeamDetails))]
[JsonSerializable(typeof(Listing<TeamMember>))]
[JsonSerializable(typeof(CreateTeamRequest))]
[JsonSerializable(typeof(UpdateTeamRequest))]
[JsonSerializable(typeof(SetTeamMemberRequest))]
[JsonSerializable(typeof(Listing<WorkspaceBody>))]
[JsonSerializable(typeof(Listing<WorkspaceMember>))]
[JsonSerializable(typeof(CreateWorkspaceRequest))]
[JsonSerializable(typeof(UpdateWorkspaceRequest))]
[JsonSerializable(typeof(AuditPage))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    public static AdminJson Readable => field ??= new(Default.Readable());
}
