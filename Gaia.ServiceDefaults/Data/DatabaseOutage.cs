using System.Net.Sockets;
using Npgsql;

namespace Gaia.ServiceDefaults.Data;

/// <summary>Tells a PostgreSQL that is unreachable, stops or cannot write from a mistake of ours.</summary>
public static class DatabaseOutage
{
    public static bool Is(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            switch (exception)
            {
                case PostgresException postgres:
                    // https://www.postgresql.org/docs/current/errcodes-appendix.html
                    return postgres.SqlState is
                        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                        or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory
                        or PostgresErrorCodes.ReadOnlySqlTransaction
                        || postgres.SqlState.StartsWith("08", StringComparison.Ordinal);
                case NpgsqlException npgsql when npgsql.IsTransient || npgsql.InnerException is IOException or SocketException or TimeoutException:
                    return true;
            }
        }

        return false;
    }
}
