using Gaia.Chat.Conversations;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Models;

/// <summary>The model that a user wants for streams that name none.</summary>
public sealed record StreamingPreference(string ModelId, string Priority, bool VrMode, DateTime UpdatedAt);

/// <summary>What users have saved, one row each.</summary>
internal sealed class StreamingPreferences(ChatDbContext database, TimeProvider time)
{
    /// <summary>Null for who has saved nothing.</summary>
    public async Task<StreamingPreference?> FindAsync(Guid userId, CancellationToken cancellationToken) =>
        (await database.Database.SqlQuery<StreamingPreference>($"""
            SELECT model_id AS "ModelId", priority AS "Priority", vr_mode AS "VrMode", updated_at AS "UpdatedAt"
            FROM streaming_preferences WHERE user_id = {userId}
            """).ToListAsync(cancellationToken)).FirstOrDefault();

    public async Task<StreamingPreference> SaveAsync(Guid userId, string modelId, string priority, bool vrMode, CancellationToken cancellationToken)
    {
        var saved = new StreamingPreference(modelId, priority, vrMode, time.GetNaiveUtcNow());
        await database.Database.ExecuteSqlAsync($"""
            INSERT INTO streaming_preferences (user_id, model_id, priority, vr_mode, updated_at)
            VALUES ({userId}, {modelId}, {priority}, {vrMode}, {NaiveUtc.Parameter(saved.UpdatedAt)})
            ON CONFLICT (user_id) DO UPDATE SET
                model_id = EXCLUDED.model_id, priority = EXCLUDED.priority, vr_mode = EXCLUDED.vr_mode, updated_at = EXCLUDED.updated_at
            """, cancellationToken);
        return saved;
    }

    /// <summary>False for who had saved nothing.</summary>
    public async Task<bool> ClearAsync(Guid userId, CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlAsync($"DELETE FROM streaming_preferences WHERE user_id = {userId}", cancellationToken) > 0;
}
