using System.Collections.Concurrent;
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
    /// <summary>By the literals around the values, which are the same each time that a piece of code is run.</summary>
    private static readonly ConcurrentDictionary<List<string?>, string> Texts = new(new SameParts());

    private readonly List<string?> _parts;
    private readonly List<NpgsqlParameter> _parameters;
    private NpgsqlBatchCommand? _command;

    public SqlStatement(int literalLength, int formattedCount)
    {
        _parts = new List<string?>((2 * formattedCount) + 1);
        _parameters = new List<NpgsqlParameter>(formattedCount);
    }

    /// <summary>Characters of text among its values.</summary>
    public int Length { get; private set; }

    public void AppendLiteral(string value) => _parts.Add(value);

    public void AppendFormatted<T>(T value) where T : notnull => Append(new NpgsqlParameter<T> { TypedValue = value });

    public void AppendFormatted<T>(T? value) where T : struct =>
        Append(value is { } known ? new NpgsqlParameter<T> { TypedValue = known } : Null(TypeOf<T>()));

    public void AppendFormatted(string? value)
    {
        Length += value?.Length ?? 0;
        Append(value is not null ? new NpgsqlParameter<string> { TypedValue = value } : Null(NpgsqlDbType.Text));
    }

    /// <summary>A parameter whose type its value does not tell, such as <see cref="NaiveUtc.Parameter"/>.</summary>
    public void AppendFormatted(NpgsqlParameter parameter) => Append(parameter);

    /// <summary>A new one each time: a command remembers the connection on which it was prepared.</summary>
    internal NpgsqlBatchCommand ToCommand()
    {
        // A parameter belongs to one command.
        _command?.Parameters.Clear();
        _command = new NpgsqlBatchCommand(Texts.GetOrAdd(_parts, TextOf));
        foreach (var parameter in _parameters)
            _command.Parameters.Add(parameter);
        return _command;
    }

    private void Append(NpgsqlParameter parameter)
    {
        _parameters.Add(parameter);
        _parts.Add(null);
    }

    private static string TextOf(List<string?> parts)
    {
        var text = new StringBuilder();
        var parameters = 0;
        foreach (var part in parts)
        {
            if (part is not null)
                text.Append(part);
            else
                text.Append('$').Append(++parameters);
        }

        return text.ToString();
    }

    private static NpgsqlParameter Null(NpgsqlDbType type) => new() { NpgsqlDbType = type, Value = DBNull.Value };

    private static NpgsqlDbType TypeOf<T>() =>
        typeof(T) == typeof(Guid) ? NpgsqlDbType.Uuid
        : typeof(T) == typeof(int) ? NpgsqlDbType.Integer
        : typeof(T) == typeof(long) ? NpgsqlDbType.Bigint
        : typeof(T) == typeof(decimal) ? NpgsqlDbType.Numeric
        : throw new NotSupportedException($"The type of a null {typeof(T).Name} in PostgreSQL is not known here: pass a parameter.");

    private sealed class SameParts : IEqualityComparer<List<string?>>
    {
        public bool Equals(List<string?>? x, List<string?>? y) => x is not null && y is not null && x.SequenceEqual(y);

        /// <summary>Without a look at the characters.</summary>
        public int GetHashCode(List<string?> parts)
        {
            var hash = new HashCode();
            foreach (var part in parts)
                hash.Add(part?.Length ?? -1);
            return hash.ToHashCode();
        }
    }
}

/// <summary>Runs <see cref="SqlStatement"/>s on the context's connection, and in its transaction if there is one.</summary>
public static class SqlStatementExtensions
{
    /// <summary>Runs statements one after the other in one transaction, and one round trip. When one fails, none has done anything.</summary>
    /// <returns>The rows that each of them changed.</returns>
    public static Task<int[]> RunAsync(this DatabaseFacade database, IReadOnlyList<SqlStatement> statements, CancellationToken cancellationToken) =>
        UseAsync(
            database,
            statements,
            static async (batch, cancellationToken) =>
            {
                await batch.ExecuteNonQueryAsync(cancellationToken);
                return batch.BatchCommands.Select((NpgsqlBatchCommand command) => command.RecordsAffected).ToArray();
            },
            cancellationToken);

    /// <summary>Reads all rows.</summary>
    public static Task<List<T>> ReadAsync<T>(this DatabaseFacade database, SqlStatement statement, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        UseAsync(
            database,
            [statement],
            async (batch, cancellationToken) =>
            {
                var rows = new List<T>();
                await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                    rows.Add(read(reader));
                return rows;
            },
            cancellationToken);

    private static async Task<T> UseAsync<T>(
        DatabaseFacade database, IReadOnlyList<SqlStatement> statements, Func<NpgsqlBatch, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)database.GetDbConnection();
        await using var batch = connection.CreateBatch();
        foreach (var statement in statements)
            batch.BatchCommands.Add(statement.ToCommand());
        // Open while the context has a transaction.
        if (connection.State == ConnectionState.Open)
            return await use(batch, cancellationToken);
        await connection.OpenAsync(cancellationToken);
        try
        {
            return await use(batch, cancellationToken);
        }
        finally
        {
            await connection.CloseAsync();
        }
    }
}
