using Npgsql;
using NpgsqlTypes;

namespace Gaia.Chat.Conversations;

/// <summary>Parameters that may be null: null has no type by itself, and PostgreSQL cannot always tell.</summary>
internal static class Sql
{
    public static NpgsqlParameter Text(string? value) => Parameter(NpgsqlDbType.Text, value);

    public static NpgsqlParameter Flag(bool? value) => Parameter(NpgsqlDbType.Boolean, value);

    public static NpgsqlParameter Number(long? value) => Parameter(NpgsqlDbType.Bigint, value);

    private static NpgsqlParameter Parameter(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}
