namespace Gaia.Web.Sessions;

/// <summary>An endpoint that does not use the session of the request: it begins a new one, or needs none.</summary>
/// <param name="IsNew">Whether it begins one.</param>
internal sealed record SessionUse(bool IsNew);

internal static class SessionUseExtensions
{
    /// <summary>For what signs somebody in: whoever is signed in so far does not count.</summary>
    internal static TBuilder BeginsSession<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new SessionUse(IsNew: true));

    /// <summary>For what is the same for everybody, and works while the database is away.</summary>
    internal static TBuilder NeedsNoSession<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new SessionUse(IsNew: false));
}
