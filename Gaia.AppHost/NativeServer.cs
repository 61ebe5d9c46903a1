namespace Gaia.AppHost;

/// <summary>A server of this machine, run by a small script in `Native/` that prepares its folder and configuration.</summary>
internal sealed class NativeServer(string name, string scripts, Func<EndpointReference, ReferenceExpression> connectionString)
    : ExecutableResource(name, "/bin/sh", scripts), IResourceWithConnectionString
{
    public const string EndpointName = "tcp";

    private static readonly (string Program, string Package)[] Needed =
        [("postgres", "postgresql"), ("redis-server", "redis-server"), ("nats-server", "nats-server"), ("setpriv", "util-linux")];

    public ReferenceExpression ConnectionStringExpression => connectionString(new EndpointReference(this, EndpointName));

    /// <summary>What to install before the servers can run here, in one line, or null.</summary>
    public static string? Missing()
    {
        var missing = Needed.Where(need => !Folders(need.Program).Any(folder => File.Exists(Path.Combine(folder, need.Program)))).ToArray();
        return missing.Length == 0 ? null
            : $"Not installed here: {string.Join(", ", missing.Select(need => need.Program))}. Install {string.Join(" ", missing.Select(need => need.Package))} "
                + "(Debian: apt-get install), or start Docker or Podman to run the servers as containers.";
    }

    private static IEnumerable<string> Folders(string program)
    {
        const string Debian = "/usr/lib/postgresql";
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin");
        return program == "postgres" && Directory.Exists(Debian) ? path.Concat(Directory.EnumerateDirectories(Debian).Select(version => Path.Combine(version, "bin"))) : path;
    }
}
