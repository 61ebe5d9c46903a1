using System.Net;

namespace Gaia.Tests.Gateway;

/// <summary>
/// The table of the contract's history, section 27, group by group: what is served, with the fields of its answers. What waits for a
/// service is in <see cref="Pending"/>, by name.
/// </summary>
internal static class LegacyRoutes
{
    private const string ChatAnswer = "response,provider,model,usage,response_time_ms,reasoning,fallback_used";
    private const string Completion = "id,object,created,model,choices,usage";
    private const string Cleared = "status,message,api_version";

    private static readonly object Hello = new { message = "Hello" };

    public static IReadOnlyList<LegacyRoute> Served { get; } =
    [
        // 27.1
        new("K", "GET /", "message,versions,note") { IsPublic = true },
        new("K", "GET /health", "status,timestamp,version,services,database,redis,supabase") { IsPublic = true },
        new("K", "POST /calculator/add", "result") { IsPublic = true, Body = new { a = 2, b = 3 } },
        new("K", "GET /api/v0.2/", "version,status,description,features,endpoints") { IsPublic = true },
        new("K", "GET /api/v0.2/health", "status,version") { IsPublic = true },

        // 27.2
        new("K", "POST /api/v0.2/chat", ChatAnswer) { Body = Hello },
        new("K", "GET /api/v0.2/chat/status", "message_count,has_history,api_version"),
        new("K", "DELETE /api/v0.2/chat/history", Cleared),
        new("K", "POST /api/v0.2/chat/reload-prompt", Cleared),
        new("N", "POST /api/v0.2/chat/completions", Completion) { Body = new { messages = new[] { new { role = "user", content = "Hello" } } } },

        // 27.3
        new("K", "POST /api/v0.2/chat/stream", "stream") { Body = Hello },
        new("K", "POST /api/v0.2/chat/stream/cache/invalidate?cache_type=all", "status,cache_type,invalidated_user,invalidated_activity,timestamp"),
        new("K", "GET /api/v0.2/chat/stream/cache/status", "cache_stats,timestamp"),
        new("K", "GET /api/v0.2/chat/stream/status", "status,performance_mode,message_count,has_history,cache_status,capabilities,timestamp"),
        new("K", "DELETE /api/v0.2/chat/stream/history", "status,message,timestamp"),
        new("K", "GET /api/v0.2/chat/stream/models", "models,default_selection,selection_criteria"),
        new("K", "GET /api/v0.2/chat/stream/models/performance", "all_models,rankings,recommendations"),
        new("N", "GET /api/v0.2/chat/stream/models/recommend?message=hi", "recommended_model,provider,confidence,reasoning,streaming_performance,alternatives,model_info,selection_criteria,timestamp"),
        new("N", "GET /api/v0.2/chat/stream/models/vr-recommendation?message=hi&max_latency_ms=60000", "recommended_model,provider,vr_score,ttft_ms,tokens_per_second,reasoning,vr_features,alternatives,timestamp"),
        new("N", "POST /api/v0.2/chat/stream/models/user-preference?model_id={model}", "status,message,preference"),
        new("N", "GET /api/v0.2/chat/stream/models/user-preference", "has_preference"),
        new("N", "DELETE /api/v0.2/chat/stream/models/user-preference", "status,message,had_preference"),

        // 27.4
        new("K", "GET /api/v0.2/providers", "providers,total_providers,health_status,timestamp"),
        new("K", "GET /api/v0.2/providers/health", "overall_status,providers,timestamp"),
        new("K", "GET /api/v0.2/providers/stats", "provider_stats,summary,timestamp"),
        new("K", "GET /api/v0.2/providers/openai", "id,name,status,health,models,capabilities,last_health_check"),
        new("K", "GET /api/v0.2/providers/openai/models", "provider,models,total"),
        new("K", "GET /api/v0.2/providers/openai/health", "provider,status,response_time_ms,last_check,error_rate"),
        new("K", "GET /api/v0.2/providers/openai/stats", "provider,requests_count,total_tokens,total_cost,avg_response_time_ms,error_count,error_rate,last_request"),
        new("N", "POST /api/v0.2/providers/health/check", "message,providers_checked,timestamp"),

        // 27.5
        new("K", "GET /api/v0.2/models", "models,total,filters"),
        new("K", "GET /api/v0.2/models/capabilities", "capabilities,total"),
        new("K", "GET /api/v0.2/models/priorities", "priorities,total"),
        new("K", "GET /api/v0.2/models/contexts", "contexts,total"),
        new("K", "GET /api/v0.2/models/{model}", "id,name,provider,capabilities,max_tokens,context_window,cost_per_input_token,cost_per_output_token,avg_response_time_ms,quality_score,speed_score,description,is_deprecated,supports_system_prompt,supports_temperature,supports_streaming"),
        new("N", "POST /api/v0.2/models/recommend", "recommended_model,provider,confidence,reasoning,alternatives") { Body = Hello },

        // 27.8
        new("K", "GET /api/v0.2/personas", "success,personas,total,message"),
        new("K", "GET /api/v0.2/personas/current", "success,message,persona"),
        new("K", "POST /api/v0.2/personas", "success,message,persona") { Body = new { name = "Checklist", description = "One of a list", system_prompt = "You check lists." } },
        new("K", "GET /api/v0.2/personas/{persona}", "success,message,persona"),
        new("K", "PUT /api/v0.2/personas/{persona}", "success,message,persona") { Body = new { description = "Changed" } },
        new("K", "POST /api/v0.2/personas/set", "success,message,persona_id,persona_name") { Body = new { persona_id = "{persona}" } },
        new("K", "DELETE /api/v0.2/personas/{persona}", "success,message,persona_id"),
        new("K", "POST /api/v0.2/personas/initialize-default", "success,message,persona,was_created"),
        new("A", "GET /api/v1/chat/personas", "personas"),
        new("A", "POST /api/v1/chat/personas", "") { Body = new { name = "Alias", description = "One of a list", system_prompt = "You check lists." } },
        new("N", "GET /api/v1/personas/", "personas"),

        // 27.9
        new("K", "GET /api/v0.2/performance/summary", "summary,providers,health_status,data_since"),
        new("K", "GET /api/v0.2/performance/providers", "providers,overall_health,timestamp"),
        new("K", "GET /api/v0.2/performance/stages", "stage_timings,analysis,limit_applied,timestamp"),
        new("K", "GET /api/v0.2/performance/live", "active_requests,system_metrics,timestamp"),
        new("K", "GET /api/v0.2/performance/health", "health_status,health_score,metrics,thresholds,alerts,recommendations,timestamp"),
        new("K", "DELETE /api/v0.2/performance/reset", "status,message,previous_data_summary,reset_timestamp"),

        // 27.11
        new("K", "POST /api/v1/chat", $"{Completion},_metadata") { Body = Hello },
        new("K", "POST /api/v1/chat/completions", Completion) { Body = new { messages = new[] { new { role = "user", content = "Hello" } } } },
        new("K", "POST /api/v1/chat/completions", $"{Completion},{ChatAnswer}") { Body = Hello },
        new("A", "GET /api/v1/chat/status", "message_count,has_history"),
        new("A", "DELETE /api/v1/chat/history", "status"),
        new("A", "POST /api/v1/chat/reload-prompt", "status,message"),
        new("O", "POST /api/v1/chat/direct", $"{Completion},_response_time_ms") { Body = Hello },
        new("O", "POST /api/v1/chat/direct-db", $"{Completion},_response_time_ms,conversation_id") { Body = Hello },
        new("O", "POST /api/v1/chat/mcp-agent-hot", $"{Completion},_response_time_ms,_hot_loaded") { Body = Hello },
        new("O", "POST /api/v1/chat/orchestrated", $"{Completion},metadata") { Body = Hello },
        new("O", "POST /api/v1/chat/ultrafast", "response,model,response_time_ms") { Body = Hello },
        new("O", "POST /api/v1/chat/ultrafast-redis", "response,model,response_time_ms,api_time_ms,history_length") { Body = Hello },
        new("O", "POST /api/v1/chat/ultrafast-redis-v2", "response,model,response_time_ms,context_messages,history_length") { Body = Hello },
        new("O", "POST /api/v1/chat/ultrafast-redis-v3", "response,model,response_time_ms,api_time_ms,redis_time_ms,context_messages,parallel_ops") { Body = Hello },
        new("O", "POST /api/v1/chat/mcp-agent", $"{Completion},_multiagent") { Body = Hello },
        new("O", "POST /api/v1/chat/gamemaster", $"{Completion},_multiagent") { Body = Hello },
        new("O", "POST /api/v1/chat/worldbuilding", $"{Completion},_multiagent") { Body = Hello },
        new("O", "POST /api/v1/chat/storytelling", $"{Completion},_multiagent") { Body = Hello },
        new("O", "POST /api/v1/chat/problemsolving", $"{Completion},_multiagent") { Body = Hello },
        new("N", "POST /api/v1/chat/multi-provider", ChatAnswer) { Body = Hello },
        new("N", "POST /api/v1/chat/intelligent", $"{Completion},_intelligent_routing") { Body = Hello },
        new("N", "GET /api/v1/chat/conversations", "conversations"),
        new("N", "GET /api/v1/chat/conversations/search?query=hello", "conversations"),

        // 27.12
        new("K", "GET /api/v1/conversations", "conversations"),
        new("K", "POST /api/v1/conversations", "id,title,preview,created_at,updated_at") { Body = new { title = "Listed" }, Status = HttpStatusCode.Created },
        new("K", "GET /api/v1/conversations/{conversation}", "id,title,preview,created_at,updated_at"),
        new("K", "GET /api/v1/conversations/{conversation}/messages", "messages"),
        new("K", "DELETE /api/v1/conversations/{conversation}", "") { Status = HttpStatusCode.NoContent },

        // 27.16
        new("K", "POST /api/v0.3/chat", "response,conversation_id") { Body = Hello },
        new("K", "GET /api/v0.3/conversations", "conversations"),
        new("K", "POST /api/v0.3/conversations", "conversation_id,title") { Body = new { title = "Listed" }, Status = HttpStatusCode.Created },
        new("N", "DELETE /api/v0.3/conversations/{conversation}", "") { Status = HttpStatusCode.NoContent },

        // 27.17
        new("N", "GET /api/v1/providers/", "providers"),
        new("N", "GET /api/v1/models", "models"),
    ];

    /// <summary>Method and path of what waits for its service: 27.6, 27.7, 27.10, 27.13, 27.15 and single rows of 27.11 and 27.16.</summary>
    public static IReadOnlyList<string> Pending { get; } =
    [
        "GET /api/v0.2/assets/pricing/current", "GET /api/v0.2/assets/pricing/analytics", "POST /api/v0.2/assets/pricing/update", "GET /api/v0.2/assets/pricing/providers",
        "POST /api/v0.2/assets/pricing/cost-estimator/estimate", "GET /api/v0.2/assets/pricing/cost-estimator/dalle-tiers",
        "GET /api/v0.2/assets/pricing/cost-estimator/meshy-packages", "GET /api/v0.2/assets/pricing/cost-estimator/provider-comparison",
        "GET /api/v0.2/usage/current", "GET /api/v0.2/usage/history", "POST /api/v0.2/usage/log", "GET /api/v0.2/usage/limits", "GET /api/v0.2/usage/billing/current",
        "GET /api/v0.2/usage/reports/monthly",
        "POST /api/v0.2/kb/search", "POST /api/v0.2/kb/read", "POST /api/v0.2/kb/context", "POST /api/v0.2/kb/navigate", "POST /api/v0.2/kb/list", "POST /api/v0.2/kb/write",
        "POST /api/v0.2/kb/move", "DELETE /api/v0.2/kb/delete", "GET /api/v0.2/kb/git/status", "GET /api/v0.2/kb/cache/stats", "POST /api/v0.2/kb/cache/invalidate",
        "GET /api/v0.2/kb/health", "POST /api/v0.2/kb/multitask",
        "POST /api/v1/chat/kb-enhanced", "POST /api/v1/chat/kb-research", "POST /api/v1/chat/kb-gamemaster", "POST /api/v1/chat/kb-development", "POST /api/v1/chat/kb-search",
        "POST /api/v1/chat/kb-context", "POST /api/v1/chat/kb-multitask",
        "GET /api/v1/assets", "POST /api/v1/assets/generate", "GET /api/v1/assets/test", "GET /api/v1/assets/{asset_id}", "GET /api/v1/assets/search",
        "GET /api/v1/filesystem", "POST /api/v1/filesystem/read", "GET /api/v1/filesystem/files",
        "GET /api/v0.3/locations/nearby", "GET /ws/experience",
    ];
}
