using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// Takes the caller's <c>X-Request-ID</c> where it is fit for a log line, makes one otherwise, and returns it on every answer.
/// It becomes <see cref="HttpContext.TraceIdentifier"/>, a tag of the trace and a scope of the logs.
/// </summary>
internal sealed class RequestIdMiddleware(RequestDelegate next, ILogger<RequestIdMiddleware> logger)
{
    internal const string Header = "X-Request-ID";
    private const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public async Task InvokeAsync(HttpContext context)
    {
        var id = context.Request.Headers[Header].ToString();
        if (id.Length is 0 or > MaxLength || id.AsSpan().ContainsAnyExcept(Allowed))
            // Unique is enough: nobody gains by guessing it, and the generator of the traces costs no system call.
            id = ActivityTraceId.CreateRandom().ToHexString();

        context.TraceIdentifier = id;
        // A proxied request carries it on, so that one id names the request in every service.
        context.Request.Headers[Header] = id;
        context.Response.OnStarting(static state =>
        {
            var http = (HttpContext)state;
            http.Response.Headers[Header] = http.TraceIdentifier;
            return Task.CompletedTask;
        }, context);
        Activity.Current?.SetTag("gaia.request_id", id);

        using (logger.BeginScope(new RequestScope(id)))
            await next(context);
    }

    /// <summary>A scope that the console prints as text and exporters read as an attribute, without a dictionary a request.</summary>
    private readonly struct RequestScope(string id) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 1;

        public KeyValuePair<string, object?> this[int index] => index == 0
            ? KeyValuePair.Create<string, object?>("RequestId", id)
            : throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            yield return this[0];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"RequestId:{id}";
    }
}
