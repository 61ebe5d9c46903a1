using Npgsql;
using NpgsqlTypes;

namespace Gaia.ServiceDefaults.Data;

/// <summary>The legacy tables keep UTC in <c>timestamp without time zone</c>, for which Npgsql wants a time of unspecified kind.</summary>
public static class NaiveUtc
{
    /// <summary>A parameter for SQL that must know the type of a time: null has none by itself.</summary>
    public static NpgsqlParameter Parameter(DateTime? time) => new() { NpgsqlDbType = NpgsqlDbType.Timestamp, Value = (object?)time ?? DBNull.Value };

    /// <summary>As above, for an array of times.</summary>
    public static NpgsqlParameter Parameters(IEnumerable<DateTime> times) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Timestamp, Value = times.ToArray() };

    /// <summary>Now in UTC, of unspecified kind, cut to the microseconds that PostgreSQL keeps.</summary>
    public static DateTime GetNaiveUtcNow(this TimeProvider time)
    {
        var ticks = time.GetUtcNow().Ticks;
        return new DateTime(ticks - (ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Unspecified);
    }
}
