using System.Text.Json;
using Gaia.Chat.Conversations;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Gaia.Chat.Personas;

/// <summary>Why a persona was not written.</summary>
internal enum PersonaRefusal
{
    None,

    /// <summary>There is none of this id that the caller may change.</summary>
    NotFound,

    /// <summary>Its owner has another one of this name.</summary>
    NameTaken,

    /// <summary>Its owner has as many as there may be.</summary>
    TooMany,
}

/// <summary>The rows of <c>personas</c> and <c>user_persona_preferences</c>, each method one statement but where a user's are counted.</summary>
internal sealed class PersonaStore(ChatDbContext database, TimeProvider time)
{
    /// <summary>Active ones of one user.</summary>
    public const int MaxPerUser = 100;

    /// <summary>Of one owner in a list; more can only be there by deleting many.</summary>
    private const int MaxListed = 500;

    private const string Columns = """
        id AS "Id", name::text AS "Name", description AS "Description", system_prompt AS "SystemPrompt", personality_traits::text AS "PersonalityTraits",
        capabilities::text AS "Capabilities", is_active AS "IsActive", created_by::text AS "CreatedBy", created_at AS "CreatedAt", updated_at AS "UpdatedAt"
        """;

    /// <summary>An active persona, whosever it is.</summary>
    public async Task<PersonaBody?> FindAsync(Guid id, CancellationToken cancellationToken) => Single(await database.Database.SqlQueryRaw<PersonaRow>(
        $$"""SELECT {{Columns}} FROM personas WHERE id = {0} AND is_active""", id).ToListAsync(cancellationToken));

    /// <summary>Those of one owner, the newest first.</summary>
    /// <param name="owner">A user's id, or <c>system</c> for everybody's.</param>
    public async Task<IReadOnlyList<PersonaBody>> ListAsync(string owner, bool activeOnly, CancellationToken cancellationToken)
    {
        var rows = await database.Database.SqlQueryRaw<PersonaRow>(
            $$"""
            SELECT {{Columns}} FROM personas WHERE COALESCE(created_by, 'system') = {0} AND (is_active OR NOT {1})
            ORDER BY created_at DESC, id DESC LIMIT {2}
            """,
            owner, activeOnly, MaxListed).ToListAsync(cancellationToken);
        return [.. rows.Select(Read)];
    }

    public Task<(PersonaBody? Persona, PersonaRefusal Refusal)> CreateAsync(Guid userId, PersonaText text, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return CountedAsync(userId, () => WriteAsync(PersonaRefusal.TooMany, database.Database.SqlQueryRaw<PersonaRow>(
            $$"""
            INSERT INTO personas (id, name, description, system_prompt, personality_traits, capabilities, is_active, created_by, created_at, updated_at)
            SELECT {0}, {1}, {2}, {3}, {4}::jsonb, {5}::jsonb, true, {6}, {7}, {7}
            WHERE (SELECT count(*) FROM personas WHERE COALESCE(created_by, 'system') = {6} AND is_active) < {8}
            RETURNING {{Columns}}
            """,
            Guid.CreateVersion7(now), text.Name!, text.Description!, text.SystemPrompt!, text.PersonalityTraits ?? "{}", text.Capabilities ?? "{}", userId.ToString(), now, MaxPerUser), cancellationToken), cancellationToken);
    }

    /// <param name="ofEverybody">Whether the caller may change everybody's, too.</param>
    public Task<(PersonaBody? Persona, PersonaRefusal Refusal)> UpdateAsync(Guid userId, bool ofEverybody, Guid id, PersonaText text, CancellationToken cancellationToken) =>
        text.IsActive == true
            ? CountedAsync(userId, () => TakeBackAsync(userId, ofEverybody, id, text, cancellationToken), cancellationToken)
            : ChangeAsync(userId, ofEverybody, id, text, cancellationToken);

    /// <summary>Changes what is there, or brings back what was deleted, if there is room for one more.</summary>
    private async Task<(PersonaBody? Persona, PersonaRefusal Refusal)> TakeBackAsync(
        Guid userId, bool ofEverybody, Guid id, PersonaText text, CancellationToken cancellationToken)
    {
        var (persona, refusal) = await ChangeAsync(userId, ofEverybody, id, text, cancellationToken);
        if (refusal != PersonaRefusal.NotFound)
            return (persona, refusal);
        var isThere = (await database.Database.SqlQuery<bool>(
            $"SELECT EXISTS (SELECT 1 FROM personas WHERE id = {id} AND created_by = {userId.ToString()}) AS \"Value\"").ToListAsync(cancellationToken)).Single();
        return (null, isThere ? PersonaRefusal.TooMany : PersonaRefusal.NotFound);
    }

    /// <param name="ofEverybody">Whether the caller may change everybody's, too. The limit is of a user's own.</param>
    private Task<(PersonaBody? Persona, PersonaRefusal Refusal)> ChangeAsync(Guid userId, bool ofEverybody, Guid id, PersonaText text, CancellationToken cancellationToken) =>
        WriteAsync(PersonaRefusal.NotFound, database.Database.SqlQueryRaw<PersonaRow>(
            $$"""
            UPDATE personas SET
                name = COALESCE({0}::text, name),
                description = COALESCE({1}::text, description),
                system_prompt = COALESCE({2}::text, system_prompt),
                personality_traits = COALESCE({3}::jsonb, personality_traits),
                capabilities = COALESCE({4}::jsonb, capabilities),
                is_active = COALESCE({5}::boolean, is_active),
                updated_at = {6}
            WHERE id = {7} AND (created_by = {8} OR ({9} AND COALESCE(created_by, 'system') = 'system'))
              AND (is_active OR ({10} AND (created_by IS DISTINCT FROM {8} OR (SELECT count(*) FROM personas AS own WHERE COALESCE(own.created_by, 'system') = {8} AND own.is_active) < {11})))
            RETURNING {{Columns}}
            """,
            // Null for what stays: EF Core sends it as such, whatever its signature says.
            text.Name!, text.Description!, text.SystemPrompt!, text.PersonalityTraits!, text.Capabilities!, text.IsActive!,
            time.GetUtcNow(), id, userId.ToString(), ofEverybody, text.IsActive == true, MaxPerUser), cancellationToken);

    /// <summary>Hides the persona; its row stays.</summary>
    public Task<(PersonaBody? Persona, PersonaRefusal Refusal)> DeleteAsync(Guid userId, bool ofEverybody, Guid id, CancellationToken cancellationToken) =>
        WriteAsync(PersonaRefusal.NotFound, database.Database.SqlQueryRaw<PersonaRow>(
            $$"""
            UPDATE personas SET is_active = false, updated_at = {0}
            WHERE id = {1} AND (created_by = {2} OR ({3} AND COALESCE(created_by, 'system') = 'system')) AND is_active
            RETURNING {{Columns}}
            """,
            time.GetUtcNow(), id, userId.ToString(), ofEverybody), cancellationToken);

    /// <summary>Keeps which persona a user has chosen. Null when there is none of this id for the user.</summary>
    public async Task<DateTimeOffset?> ChooseAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var written = await database.Database.ExecuteSqlAsync($"""
            INSERT INTO user_persona_preferences (user_id, persona_id, updated_at)
            SELECT {userId.ToString()}, id, {now} FROM personas
            WHERE id = {id} AND is_active AND (created_by = {userId.ToString()} OR COALESCE(created_by, 'system') = 'system')
            ON CONFLICT (user_id) DO UPDATE SET persona_id = excluded.persona_id, updated_at = excluded.updated_at
            """, cancellationToken);
        return written > 0 ? now : null;
    }

    /// <summary>Which persona a user has chosen, if any; it may be gone.</summary>
    public async Task<Guid?> ChoiceAsync(Guid userId, CancellationToken cancellationToken) => (await database.Database.SqlQuery<Guid?>(
        $"SELECT persona_id AS \"Value\" FROM user_persona_preferences WHERE user_id = {userId.ToString()}").ToListAsync(cancellationToken)).SingleOrDefault();

    /// <summary>Makes the default persona where there is none. True when it was made now.</summary>
    public async Task<bool> SeedDefaultAsync(CancellationToken cancellationToken) =>
        (await database.Database.SqlQuery<bool>($"SELECT seed_default_persona() AS \"Value\"").ToListAsync(cancellationToken)).Single();

    /// <summary>Writes what may add to a user's personas, one at a time: two that counted at once would each miss the other.</summary>
    private async Task<(PersonaBody? Persona, PersonaRefusal Refusal)> CountedAsync(
        Guid userId, Func<Task<(PersonaBody? Persona, PersonaRefusal Refusal)>> write, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({"gaia personas " + userId}, 0))", cancellationToken);
        var written = await write();
        if (written.Refusal == PersonaRefusal.None)
            await transaction.CommitAsync(cancellationToken);
        return written;
    }

    private static async Task<(PersonaBody? Persona, PersonaRefusal Refusal)> WriteAsync(
        PersonaRefusal otherwise, IQueryable<PersonaRow> statement, CancellationToken cancellationToken)
    {
        try
        {
            return Single(await statement.ToListAsync(cancellationToken)) is { } persona ? (persona, PersonaRefusal.None) : (null, otherwise);
        }
        catch (Exception exception) when (exception.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return (null, PersonaRefusal.NameTaken);
        }
    }

    private static PersonaBody? Single(List<PersonaRow> rows) => rows is [var row] ? Read(row) : null;

    private static PersonaBody Read(PersonaRow row) => new(
        row.Name, row.Description, row.SystemPrompt, Object(row.PersonalityTraits), Object(row.Capabilities), row.Id, row.IsActive, row.CreatedBy, row.CreatedAt, row.UpdatedAt);

    private static IReadOnlyDictionary<string, JsonElement> Object(string json) =>
        JsonSerializer.Deserialize(json, PersonaJson.Default.IReadOnlyDictionaryStringJsonElement)!;

    private sealed record PersonaRow(
        Guid Id,
        string Name,
        string Description,
        string SystemPrompt,
        string PersonalityTraits,
        string Capabilities,
        bool IsActive,
        string? CreatedBy,
        DateTimeOffset CreatedAt,
        DateTimeOffset UpdatedAt);
}
