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
    private FileStream? _claim;

    private DataRoot(string path, RunMode mode) => (Path, _mode) = (path, mode);

    public string Path { get; }

    /// <summary>
    /// PostgreSQL refuses to run as root, and its own user has to reach its folder, which it cannot in a private home. What is elsewhere
    /// belongs to this folder at this place: neither a copy of it nor new data at the same place shares it.
    /// </summary>
    public string PostgresPath => Environment.UserName == "root"
        ? $"/var/lib/gaia/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path + Secret("data-id"))))[..16]}/postgres"
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
            var draft = $"{file}.new";
            using (var stream = new FileStream(draft, PrivateFile(FileMode.Create))) JsonSerializer.Serialize(stream, _secrets);
            File.Move(draft, file, overwrite: true);
            return secret;
        }
    }

    /// <summary>Says which process runs a stack on this folder already, in one line, or null.</summary>
    public string? Holder()
    {
        try
        {
            if (!File.Exists(LockFile)) return null;
            using var free = OpenLock();
            return null;
        }
        catch (IOException)
        {
            return $"A stack already runs on the data in {Path}: ./gaia status shows it.";
        }
    }

    /// <summary>Keeps the folder for this process until it ends, whose id the file then tells.</summary>
    public void Claim()
    {
        Directory.CreateDirectory(Path);
        _claim = OpenLock();
        _claim.SetLength(0);
        _claim.Write(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
        _claim.Flush();
        File.Delete(AddressesFile);
    }

    /// <summary>Leaves the addresses, one of which logs in to the dashboard, to whoever may read the folder's secrets.</summary>
    public void TellAddresses(string addresses)
    {
        using var writer = new StreamWriter(AddressesFile, PrivateFile(FileMode.Create));
        writer.Write(addresses);
    }

    private string LockFile => System.IO.Path.Combine(Path, "apphost.lock");

    private string AddressesFile => System.IO.Path.Combine(Path, "addresses.txt");

    private FileStream OpenLock() => new(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static FileStreamOptions PrivateFile(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
        return options;
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
