using System.Diagnostics.CodeAnalysis;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>The real options also limit concurrency, to 1,000 requests per client.</summary>
public class HttpStandardResilienceOptions
{
    public HttpTimeoutStrategyOptions TotalRequestTimeout { get; set; } = new();

    public HttpRetryStrategyOptions Retry { get; set; } = new();

    public HttpCircuitBreakerStrategyOptions CircuitBreaker { get; set; } = new();

    public HttpTimeoutStrategyOptions AttemptTimeout { get; set; } = new() { Timeout = TimeSpan.FromSeconds(10) };
}

public class HttpTimeoutStrategyOptions : TimeoutStrategyOptions;

public class HttpCircuitBreakerStrategyOptions : CircuitBreakerStrategyOptions<HttpResponseMessage>
{
    public HttpCircuitBreakerStrategyOptions() => ShouldHandle = args => ValueTask.FromResult(IsTransient(args.Outcome));

    internal static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException or TimeoutRejectedException || (int?)outcome.Result?.StatusCode is >= 500 or 408 or 429;
}

public class HttpRetryStrategyOptions : RetryStrategyOptions<HttpResponseMessage>
{
    public HttpRetryStrategyOptions()
    {
        ShouldHandle = args => ValueTask.FromResult(
            HttpCircuitBreakerStrategyOptions.IsTransient(args.Outcome) || IsConnectTimeout(args.Outcome, args.Context.CancellationToken));
        BackoffType = DelayBackoffType.Exponential;
        UseJitter = true;
        DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result?.Headers.RetryAfter?.Delta);
    }

    private static bool IsConnectTimeout(Outcome<HttpResponseMessage> outcome, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && outcome.Exception is OperationCanceledException { Source: "System.Private.CoreLib", InnerException: TimeoutException };
}

[Experimental("EXTEXP0001", UrlFormat = "https://aka.ms/dotnet-extensions-warnings/{0}")]
public static class HttpRetryStrategyOptionsExtensions
{
    public static void DisableForUnsafeHttpMethods(this HttpRetryStrategyOptions options)
    {
        HttpMethod[] methods = [HttpMethod.Delete, HttpMethod.Post, HttpMethod.Put, HttpMethod.Connect, HttpMethod.Patch];
        var shouldHandle = options.ShouldHandle;
        options.ShouldHandle = async args => await shouldHandle(args).ConfigureAwait(false)
            && !((args.Outcome.Result?.RequestMessage ?? args.Context.Properties.GetValue(ResilienceHandler.RequestMessage, null)) is { } request && methods.Contains(request.Method));
    }
}
