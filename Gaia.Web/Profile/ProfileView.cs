using Gaia.Web.Design;
using Gaia.Web.Sessions;

namespace Gaia.Web.Profile;

/// <summary>What the profile page shows.</summary>
public sealed record ProfileView(WebUser User)
{
    /// <summary>Null when the gateway did not tell.</summary>
    public IReadOnlyList<KeyAnswer>? Keys { get; init; }

    public KeyAnswer? Created { get; init; }

    public string? KeyError { get; init; }

    public Notice? Message { get; init; }
}
