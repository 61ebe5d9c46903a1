using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gaia.AppHost;

/// <summary>
/// The folder that holds everything the stack keeps (`Gaia:DataRoot`), and the secrets made for it. Nothing is written
/// when the model is published; under test it is a folder of its own, deleted at the end.
/// </summary>
public sealed class DataRoot
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly RunMode _mode;
    private readonly Lock _lock = new();
    private Dictionary<string, string>? _secrets;

    private DataRoot(string path, RunMode mode) => (Path, _mode) = (path, mode);

    public string Path { get; }

    /// <summary>PostgreSQL refuses to run as root, and its own user has to reach its folder, which it cannot in a private home.</summary>
    public string PostgresPath => Environment.UserName == "root"
        ? $"/var/lib/gaia/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..16]}/postgres"
        : System.IO.Path.Combine(Path, "postgres");

    public static DataRoot Of(IDistributedApplicationBuilder builder, RunMode mode)
    {
        var configured = builder.Configuration["Gaia:DataRoot"];
        var repository = System.IO.Path.GetFullPath("..", builder.AppHostDirectory);
        if (mode != RunMode.Test || configured is not null) return new(System.IO.Path.GetFullPath(configured ?? ".gaia/data", repository), mode);

        var root = new DataRoot(System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"gaia-test-{Guid.NewGuid():N}"), mode);
        builder.Services.AddHostedService(services => new Cleanup(root, services.GetRequiredService<IHostApplicationLifetime>()));
        return root;
    }

    /// <summary>The secret of that name: 32 random bytes in base64, made at first use.</summary>
    public string Secret(string name)
    {
        lock (_lock)
        {
            var file = System.IO.Path.Combine(Path, "secrets.json");
            _secrets ??= File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file)) ?? [] : [];
            if (_secrets.TryGetValue(name, out var known)) return known;

            // Passwords stand in addresses and connection strings, where some of base64's signs would have to be escaped.
            var bytes = RandomNumberGenerator.GetBytes(32);
            var secret = _secrets[name] = name.EndsWith("-key", StringComparison.Ordinal) ? Convert.ToBase64String(bytes) : Convert.ToHexStringLower(bytes);
            if (_mode == RunMode.Publish) return secret;

            Directory.CreateDirectory(Path);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
            var draft = $"{file}.new";
            using (var stream = new FileStream(draft, options)) JsonSerializer.Serialize(stream, _secrets);
            File.Move(draft, file, overwrite: true);
            return secret;
        }
    }

    private void Delete()
    {
        foreach (var folder in new[] { Path, System.IO.Path.GetDirectoryName(PostgresPath)! }.Where(Directory.Exists))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException exception)
            {
                Console.Error.WriteLine($"The test data in {folder} could not be deleted: {exception.Message}");
            }
        }
    }

    private sealed class Cleanup : IHostedService
    {
        // Only when everything has stopped have the servers ended.
        public Cleanup(DataRoot root, IHostApplicationLifetime lifetime) => lifetime.ApplicationStopped.Register(root.Delete);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
