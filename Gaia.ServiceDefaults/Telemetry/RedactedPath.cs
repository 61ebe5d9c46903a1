using Microsoft.AspNetCore.Http;

namespace Gaia.ServiceDefaults.Telemetry;

/// <summary>Paths as logs and traces may have them: without the parts that are a secret, or that a client wrote freely.</summary>
public static class RedactedPath
{
    /// <summary>What follows these is a link that is good for whoever knows it, and words that somebody searched for.</summary>
    private static readonly PathString[] Prefixes = ["/api/v1/shared", "/shared", "/api/v1/conversations/search"];

    /// <summary>The path, or its beginning and <c>/...</c>.</summary>
    public static PathString Of(PathString path)
    {
        foreach (var prefix in Prefixes)
        {
            if (path.StartsWithSegments(prefix, out var rest) && rest.HasValue)
                return prefix.Add("/...");
        }

        return path;
    }
}
