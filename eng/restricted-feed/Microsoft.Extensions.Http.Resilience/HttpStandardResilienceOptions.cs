using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Polly;
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
        DelayGenerator = args => ValueTask.FromResult(GetRetryAfter(args.Outcome.Result));
    }

    private static TimeSpan? GetRetryAfter(HttpResponseMessage? response)
    {
        var after = response?.Headers.RetryAfter;
        var delay = after?.Date - TimeProvider.System.GetUtcNow() ?? after?.Delta;
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
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

internal sealed class HttpStandardResilienceOptionsValidator : IValidateOptions<HttpStandardResilienceOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpStandardResilienceOptions options)
    {
        var (attempt, total, sampling) = (options.AttemptTimeout.Timeout, options.TotalRequestTimeout.Timeout, options.CircuitBreaker.SamplingDuration);
        return attempt > total ? ValidateOptionsResult.Fail("Total request timeout resilience strategy must have a greater timeout than the attempt resilience strategy.")
            : sampling < attempt * 2 ? ValidateOptionsResult.Fail("The sampling duration of circuit breaker strategy needs to be at least double of an attempt timeout strategy's timeout interval.")
            : ValidateOptionsResult.Success;
    }
}
