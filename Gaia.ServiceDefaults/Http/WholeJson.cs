using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// Answers as JSON that is written down before it is sent: they tell their length, and go out in one piece through every hop,
/// where <c>TypedResults.Json</c> sends the end of its chunks by itself.
/// </summary>
public static class WholeJson
{
    public const string ContentType = "application/json; charset=utf-8";

    public static IResult Of<T>(T value, JsonTypeInfo<T> type) => TypedResults.Bytes(JsonSerializer.SerializeToUtf8Bytes(value, type), ContentType);
}
