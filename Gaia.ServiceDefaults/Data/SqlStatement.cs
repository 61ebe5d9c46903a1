using System.Data;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using NpgsqlTypes;

namespace Gaia.ServiceDefaults.Data;

/// <summary>
/// SQL in which each interpolated value is a parameter, as with EF's <c>SqlQuery</c>, for statements of which every request runs
/// some: the server gets the same text each time and keeps its plan, and no named parameters are looked for in it.
/// </summary>
[InterpolatedStringHandler]
public sealed class SqlStatement
{
    private readonly StringBuilder _text;

    public SqlStatement(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (3 * formattedCount));

    internal NpgsqlCommand Command { get; } = new();

    public void AppendLiteral(string value) => _text.Append(value);

    public void AppendFormatted<T>(T value) where T : notnull => Append(new NpgsqlParameter<T> { TypedValue = value });

    public void AppendFormatted<T>(T? value) where T : struct =>
        Append(value is { } known ? new NpgsqlParameter<T> { TypedValue = known } : Null(TypeOf<T>()));

    public void AppendFormatted(string? value) => Append(value is not null ? new NpgsqlParameter<string> { TypedValue = value } : Null(NpgsqlDbType.Text));

    /// <summary>A parameter whose type its value does not tell, such as <see cref="NaiveUtc.Parameter"/>.</summary>
    public void AppendFormatted(NpgsqlParameter parameter) => Append(parameter);

    internal NpgsqlCommand On(NpgsqlConnection connection)
    {
        Command.CommandText = _text.ToString();
        Command.Connection = connection;
        return Command;
    }

    private void Append(NpgsqlParameter parameter)
    {
        Command.Parameters.Add(parameter);
        _text.Append('$').Append(Command.Parameters.Count);
    }

    private static NpgsqlParameter Null(NpgsqlDbType type) => new() { NpgsqlDbType = type, Value = DBNull.Value };

    private static NpgsqlDbType TypeOf<T>() =>
        typeof(T) == typeof(Guid) ? NpgsqlDbType.Uuid
        : typeof(T) == typeof(int) ? NpgsqlDbType.Integer
        : typeof(T) == typeof(long) ? NpgsqlDbType.Bigint
        : typeof(T) == typeof(decimal) ? NpgsqlDbType.Numeric
        : throw new NotSupportedException($"The type of a null {typeof(T).Name} in PostgreSQL is not known here: pass a parameter.");
}

/// <summary>Runs an <see cref="SqlStatement"/> on the context's connection, and in its transaction if there is one.</summary>
public static class SqlStatementExtensions
{
    /// <returns>The rows that it changed.</returns>
    public static Task<int> RunAsync(this DatabaseFacade database, SqlStatement statement, CancellationToken cancellationToken) =>
        UseAsync(database, statement, static (command, cancellationToken) => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken);

    /// <summary>Reads all rows.</summary>
    public static Task<List<T>> ReadAsync<T>(this DatabaseFacade database, SqlStatement statement, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        UseAsync(
            database,
            statement,
            async (command, cancellationToken) =>
            {
                var rows = new List<T>();
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                    rows.Add(read(reader));
                return rows;
            },
            cancellationToken);

    private static async Task<T> UseAsync<T>(DatabaseFacade database, SqlStatement statement, Func<NpgsqlCommand, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)database.GetDbConnection();
        await using var command = statement.On(connection);
        // Open while the context has a transaction.
        if (connection.State == ConnectionState.Open)
            return await use(command, cancellationToken);
        await connection.OpenAsync(cancellationToken);
        try
        {
            return await use(command, cancellationToken);
        }
        finally
        {
            await connection.CloseAsync();
        }
    }
}
