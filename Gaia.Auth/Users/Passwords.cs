using System.Threading.RateLimiting;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Users;

/// <summary>
/// Hashes passwords with ASP.NET Core's hasher. That costs a processor for a while, so no more are hashed at once than there are
/// processors, and no more wait than can be served soon.
/// </summary>
internal sealed class Passwords : IDisposable
{
    internal const int MinLength = 6;
    internal const int MaxLength = 512;

    private const int MaxWaiting = 64;

    /// <summary>The hasher's parameter is not used by it.</summary>
    private static readonly object Nobody = new();

    private readonly PasswordHasher<object> _hasher;
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = Environment.ProcessorCount, QueueLimit = MaxWaiting });
    private readonly Lazy<string> _nobodys;

    public Passwords(IOptions<AccountOptions> options)
    {
        _hasher = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = options.Value.PasswordIterations }));
        _nobodys = new Lazy<string>(() => _hasher.HashPassword(Nobody, Guid.NewGuid().ToString()));
    }

    /// <exception cref="DependencyUnavailableException">Too many wait.</exception>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync(() => _hasher.HashPassword(Nobody, password), cancellationToken);

    /// <param name="hash">Null for an account that does not exist, which takes as long as one that does.</param>
    /// <param name="password">What was presented.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DependencyUnavailableException">Too many wait.</exception>
    public Task<PasswordVerificationResult> VerifyAsync(string? hash, string password, CancellationToken cancellationToken) => RunAsync(() =>
    {
        var result = _hasher.VerifyHashedPassword(Nobody, hash ?? _nobodys.Value, password);
        return hash is null ? PasswordVerificationResult.Failed : result;
    }, cancellationToken);

    public void Dispose() => _limiter.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        using var lease = await _limiter.AcquireAsync(1, cancellationToken);
        if (!lease.IsAcquired)
            throw new DependencyUnavailableException("auth");
        return await Task.Run(work, cancellationToken);
    }
}
