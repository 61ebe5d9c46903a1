using Gaia.Chat.Completions.Legacy;
using Gaia.Chat.Idempotency;
using Gaia.Chat.Streaming;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Completions;

internal static class CompletionExtensions
{
    internal static void AddCompletions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<WorldUpdates>();
        builder.Services.AddScoped<IdempotencyStore>();
        builder.Services.AddSingleton<BusyKeys>();
        builder.Services.AddScoped<IdempotentAnswers>();
        builder.Services.AddScoped<Answering>();
        builder.Services.AddScoped<UserMemory>();
    }

    /// <summary>The body of a request that asks a model.</summary>
    internal static Task<JsonBody> ReadRequestAsync(this HttpContext http, CancellationToken cancellationToken)
    {
        http.Clock().Enter(Stage.RequestValidation);
        return JsonBody.ReadAsync(http.Request, RequestReader.MaxBodySize, emptyIsObject: false, cancellationToken);
    }
}
