using Gaia.ServiceDefaults.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Gaia.ServiceDefaults.Http;

public static class PackedBodies
{
    private const int MaxEchoed = 100;
    private const string AsItIs = "identity";

    /// <summary>Refuses bodies that are packed: read as they are they would only look like broken JSON.</summary>
    public static void RefusePackedBodies(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        var encoding = http.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length == 0 || encoding.Equals(AsItIs, StringComparison.OrdinalIgnoreCase))
            return next(http);
        http.Response.Headers[HeaderNames.AcceptEncoding] = AsItIs;
        return http.WriteErrorAsync(StatusCodes.Status415UnsupportedMediaType, $"Content-Encoding: {TextRules.Cut(encoding, MaxEchoed, "...")} is not read here: send the body as it is");
    });
}
