using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Users;

/// <summary>How much of something may happen: at once, and again each time a period has passed.</summary>
internal readonly record struct Allowance(int Burst, TimeSpan Period);

/// <summary>
/// Counts in the database what must be slow for all replicas together (GCRA: one row and one atomic statement a subject). For what
/// costs more than the statement anyway; requests as such are limited at the gateway.
/// </summary>
internal sealed class Throttle(AuthDbContext db, TimeProvider time)
{
    /// <returns>Null when it may happen, and then it is counted; otherwise how long to wait.</returns>
    public async Task<TimeSpan?> TryTakeAsync(string subject, Allowance allowance, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (period, most) = (allowance.Period, allowance.Period * allowance.Burst);
        var taken = await db.Database.SqlQuery<DateTimeOffset>($"""
            INSERT INTO auth_throttle AS known (subject, arrival) VALUES ({subject}, {now + period})
            ON CONFLICT (subject) DO UPDATE SET arrival = greatest(known.arrival, {now}) + {period}
            WHERE greatest(known.arrival, {now}) + {period} <= {now + most}
            RETURNING arrival
            """).ToListAsync(cancellationToken);
        if (taken is not [])
            return null;
        var known = await db.Database.SqlQuery<DateTimeOffset>($"SELECT arrival FROM auth_throttle WHERE subject = {subject}").ToListAsync(cancellationToken);
        // From now on: another may have been counted since this one came.
        var wait = known is [var arrival] ? arrival + period - most - time.GetUtcNow() : TimeSpan.Zero;
        return wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1);
    }

    /// <summary>Takes back what was counted and turned out not to matter.</summary>
    public Task GiveBackAsync(string subject, Allowance allowance, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"UPDATE auth_throttle SET arrival = arrival - {allowance.Period} WHERE subject = {subject}", cancellationToken);

    public Task ForgetAsync(string subject, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"DELETE FROM auth_throttle WHERE subject = {subject}", cancellationToken);
}
