using System.Net;
using System.Net.Sockets;
using Gaia.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Users;

/// <summary>Slows down guessing at passwords: see <see cref="ThrottleOptions"/>. An attempt is counted before it is looked at, so that a hundred at once are a hundred.</summary>
internal sealed class LoginGuard(Throttle throttle, IOptions<ThrottleOptions> options)
{
    /// <summary>The part of an address that is one customer's: an IPv4 address, or a /64 of IPv6.</summary>
    private const int NetworkBytes = 8;

    /// <param name="email">As whom, in normal form.</param>
    /// <param name="address">From where.</param>
    /// <param name="isAtHome">Whether that user has signed in from there before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The attempt, or how long to wait.</returns>
    public async Task<(LoginAttempt? Attempt, TimeSpan Wait)> BeginAsync(string email, string? address, bool isAtHome, CancellationToken cancellationToken)
    {
        // Not the address itself: the table would become a list of who was tried.
        var user = Credential.Hash(email);
        var attempt = new LoginAttempt($"login from {address}", $"login from {address} as {user}", isAtHome ? null : $"login as {user}");
        if (await throttle.TryTakeAsync(attempt.Address, options.Value.Address, cancellationToken) is { } first)
            return (null, first);
        if (await throttle.TryTakeAsync(attempt.Pair, options.Value.Pair, cancellationToken) is { } second)
            return (null, second);
        if (attempt.Email is { } everywhere && await throttle.TryTakeAsync(everywhere, options.Value.Email, cancellationToken) is { } third)
            return (null, third);
        return (attempt, default);
    }

    /// <summary>Only failures count.</summary>
    public async Task SucceedAsync(LoginAttempt attempt, CancellationToken cancellationToken)
    {
        await throttle.ForgetAsync(attempt.Pair, cancellationToken);
        await throttle.GiveBackAsync(attempt.Address, options.Value.Address, cancellationToken);
        if (attempt.Email is { } everywhere)
            await throttle.GiveBackAsync(everywhere, options.Value.Email, cancellationToken);
    }

    public static Refusal Refuse(TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return new Refusal(StatusCodes.Status429TooManyRequests, $"Login failed: Too many attempts with an invalid email or password. Try again in {seconds} seconds", TimeSpan.FromSeconds(seconds));
    }

    /// <summary>An address as it is counted and remembered.</summary>
    public static string? Describe(IPAddress? address)
    {
        if (address is null)
            return null;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}

/// <summary>What an attempt to sign in was counted under.</summary>
internal sealed record LoginAttempt(string Address, string Pair, string? Email);
