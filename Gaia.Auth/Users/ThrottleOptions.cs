using System.ComponentModel.DataAnnotations;

namespace Gaia.Auth.Users;

/// <summary>
/// What is slowed down beside the gateway's limits (section <c>Auth:Throttle</c>). Only failed logins count, in three ways: an
/// address that tries many users; an address that tries one user; and many addresses that try one user, where addresses from which
/// that user has signed in before stay free, so that nobody is kept out of an account by others who guess at it.
/// </summary>
public sealed class ThrottleOptions
{
    /// <summary>Failed logins from one address (of IPv6, one /64) at once.</summary>
    [Range(1, 100_000)]
    public int AddressBurst { get; set; } = 100;

    /// <summary>One more after each such time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan AddressPeriod { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Failed logins as one user from one address.</summary>
    [Range(1, 100_000)]
    public int PairBurst { get; set; } = 10;

    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan PairPeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Failed logins as one user from all addresses that the user has not signed in from.</summary>
    [Range(1, 100_000)]
    public int EmailBurst { get; set; } = 30;

    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan EmailPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Registrations from one address.</summary>
    [Range(1, 100_000)]
    public int RegistrationBurst { get; set; } = 200;

    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan RegistrationPeriod { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>The least time between two mails to one address.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan MailPeriod { get; set; } = TimeSpan.FromSeconds(60);

    internal Allowance Address => new(AddressBurst, AddressPeriod);

    internal Allowance Pair => new(PairBurst, PairPeriod);

    internal Allowance Email => new(EmailBurst, EmailPeriod);

    internal Allowance Registration => new(RegistrationBurst, RegistrationPeriod);

    internal Allowance Mail => new(1, MailPeriod);
}
