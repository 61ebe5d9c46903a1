using System.Net;

namespace Gaia.Tests.Gateway;

/// <summary>A row of the table of legacy routes, and how its answer has to look.</summary>
/// <param name="Tag">K keep, A alias, O once there, N named and never routed.</param>
/// <param name="Operation">Method and path; <c>{conversation}</c>, <c>{persona}</c> and the like stand for something that exists.</param>
/// <param name="Fields">The fields of the answer, comma separated; empty for an answer without a body; <c>stream</c> for events.</param>
internal sealed record LegacyRoute(string Tag, string Operation, string Fields)
{
    public object? Body { get; init; }

    public HttpStatusCode Status { get; init; } = HttpStatusCode.OK;

    /// <summary>Whether it answers without a credential.</summary>
    public bool IsPublic { get; init; }

    public string Method => Operation.Split(' ')[0];

    public string Path => Operation.Split(' ')[1];
}
