using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// An answer as JSON that is written down before it is sent: it tells its length, and goes out in one piece through every hop,
/// where <c>TypedResults.Json</c> sends the end of its chunks by itself.
/// </summary>
public sealed class WholeJson : IResult
{
    private readonly byte[] _body;

    private WholeJson(byte[] body) => _body = body;

    public static WholeJson Of<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(value, type));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.ContentLength = _body.Length;
        return httpContext.Response.Body.WriteAsync(_body, httpContext.RequestAborted).AsTask();
    }
}
