using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Identity;

/// <summary>One Auth for all tests of a class.</summary>
public sealed class AuthFixture(NativeServers servers) : IAsyncLifetime
{
    internal AuthHost Auth { get; private set; } = null!;

    public async Task InitializeAsync() => Auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());

    public async Task DisposeAsync() => await Auth.DisposeAsync();
}
