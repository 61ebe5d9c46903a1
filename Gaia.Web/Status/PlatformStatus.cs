namespace Gaia.Web.Status;

public enum ComponentState
{
    Unknown,
    Healthy,
    Unhealthy,
}

/// <summary>One part of Gaia, as the page shows it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Role">What it is there for, in a few words.</param>
/// <param name="Note">Why it is in this state, or how that is known.</param>
public sealed record ComponentStatus(string Name, string Role, ComponentState State, TimeSpan? ResponseTime = null, string? Note = null);

/// <summary>How all of Gaia is at one moment. The order of the components never changes.</summary>
public sealed record PlatformStatus(DateTimeOffset CheckedAt, IReadOnlyList<ComponentStatus> Components)
{
    /// <summary>One letter a component: what a page remembers, so that the next answer can tell what changed.</summary>
    public string Fingerprint { get; } = string.Concat(Components.Select(component => Letter(component.State)));

    /// <summary>All of it in one line.</summary>
    public string Summary
    {
        get
        {
            string[] down = [.. Components.Where(component => component.State == ComponentState.Unhealthy).Select(component => component.Name)];
            return (Overall, down) switch
            {
                (_, [var only]) => $"{only} is down",
                (_, [.. var first, var last]) => $"{string.Join(", ", first)} and {last} are down",
                (ComponentState.Healthy, _) => "Everything is healthy",
                _ => "Not everything is known",
            };
        }
    }

    public ComponentState Overall =>
        Components.Any(component => component.State == ComponentState.Unhealthy) ? ComponentState.Unhealthy
        : Components.Any(component => component.State == ComponentState.Unknown) ? ComponentState.Unknown
        : ComponentState.Healthy;

    /// <summary>What went down or came back since <paramref name="fingerprint"/>, in words for a screen reader; null when nothing did.</summary>
    public string? ChangesSince(string? fingerprint)
    {
        if (fingerprint?.Length != Components.Count || fingerprint == Fingerprint)
            return null;
        string[] changes = [.. Components.Zip(fingerprint)
            .Select(pair => (pair.First, Before: pair.Second) switch
            {
                ({ State: ComponentState.Unhealthy } component, not Unhealthy) => $"{component.Name} is down.",
                ({ State: ComponentState.Healthy } component, Unhealthy) => $"{component.Name} is healthy again.",
                _ => null,
            })
            .OfType<string>()];
        return changes is [] ? null : string.Join(' ', changes);
    }

    private const char Unhealthy = 'u';

    private static char Letter(ComponentState state) => state switch
    {
        ComponentState.Unknown => 'n',
        ComponentState.Healthy => 'h',
        ComponentState.Unhealthy => Unhealthy,
    };
}
