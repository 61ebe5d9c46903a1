using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Gaia.Tests.RestrictedFeed;

/// <summary>Service discovery, resilience and tracing of HTTP: true of the packages and of their stand-ins.</summary>
public sealed class HttpContractTests
{
    [Theory]
    [InlineData("http://auth/x?q=1")]
    [InlineData("https+http://auth/x?q=1")]
    [InlineData("http://_http.auth/x?q=1")]
    public async Task A_service_name_leads_to_the_address_in_the_configuration(string address)
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync("here"));
        using var host = Client(new() { ["services:auth:http:0"] = upstream.Address.ToString() });

        Assert.Equal("here", await GetClient(host).GetStringAsync(new Uri(address)));
        Assert.Equal("/x?q=1", Assert.Single(upstream.Requests).Path);
    }

    [Fact]
    public async Task An_address_that_is_no_service_is_used_as_it_is()
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync("here"));
        using var host = Client([]);
        Assert.Equal("here", await GetClient(host).GetStringAsync(upstream.Address));
    }

    [Fact]
    public async Task Only_what_is_safe_to_repeat_is_tried_again()
    {
        await using var upstream = await Upstream.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        using var host = Client([], options => options.Retry.Delay = TimeSpan.FromMilliseconds(1));
        var client = GetClient(host);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostAsync(upstream.Address, null)).StatusCode);
        Assert.Single(upstream.Requests);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync(upstream.Address)).StatusCode);
        Assert.Equal(1 + 4, upstream.Requests.Count);
    }

    [Fact]
    public async Task A_slow_answer_ends_with_the_time_limit()
    {
        await using var upstream = await Upstream.StartAsync(context => Task.Delay(20_000, context.RequestAborted));
        using var host = Client([], options =>
        {
            options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(300);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMilliseconds(300);
        });
        await Assert.ThrowsAsync<TimeoutRejectedException>(() => GetClient(host).PostAsync(upstream.Address, null));
    }

    [Fact]
    public async Task Failures_of_one_origin_open_no_circuit_for_another()
    {
        await using var bad = await Upstream.StartAsync(context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var good = await Upstream.StartAsync(context => context.Response.WriteAsync("good"));
        using var host = Client([], options => options.CircuitBreaker.MinimumThroughput = 5, perOrigin: true);
        var client = GetClient(host);
        await Assert.ThrowsAsync<BrokenCircuitException>(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await client.PostAsync(bad.Address, null);
            }
        });
        Assert.Equal("good", await client.GetStringAsync(good.Address));
    }

    [Fact]
    public async Task Time_limits_that_contradict_each_other_stop_the_host()
    {
        using var host = Client([], options => options.AttemptTimeout.Timeout = TimeSpan.FromMinutes(5));
        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
    }

    [Fact]
    public async Task A_request_is_a_span_with_its_route_and_status_under_its_callers()
    {
        var spans = new Spans();
        await using var upstream = await Upstream.StartAsync(
            context =>
            {
                context.Response.StatusCode = 502;
                return Task.CompletedTask;
            },
            builder => builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(options => options.Filter = context => context.Request.Path != "/quiet").AddHttpClientInstrumentation().AddProcessor(spans)));
        using var host = Client([], options => options.Retry.MaxRetryAttempts = 1);
        await GetClient(host).PostAsync(new Uri(upstream.Address, "/quiet"), null);
        await GetClient(host).PostAsync(new Uri(upstream.Address, "/loud?key=secret"), null);

        var server = await spans.ServerAsync(upstream.Address.Port);
        Assert.Equal("POST {**path}", server.DisplayName);
        Assert.Equal("{**path}", server.GetTagItem("http.route"));
        Assert.Equal("/loud", server.GetTagItem("url.path"));
        Assert.Equal("?key=Redacted", server.GetTagItem("url.query"));
        Assert.Equal(502, server.GetTagItem("http.response.status_code"));
        Assert.Equal(ActivityStatusCode.Error, server.Status);
        Assert.Contains(spans.All, span => span.SpanId == server.ParentSpanId && span.Kind == ActivityKind.Client);
    }

    private static HttpClient GetClient(IHost host) => host.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

    private static IHost Client(Dictionary<string, string?> settings, Action<HttpStandardResilienceOptions>? configure = null, bool perOrigin = false)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            var pipeline = http.AddStandardResilienceHandler(options =>
            {
#pragma warning disable EXTEXP0001 // In use by everybody who must not repeat a POST.
                options.Retry.DisableForUnsafeHttpMethods();
#pragma warning restore EXTEXP0001
                configure?.Invoke(options);
            });
            _ = perOrigin ? pipeline.SelectPipelineByAuthority() : pipeline;
            http.AddServiceDiscovery();
        });
        return builder.Build();
    }

    private sealed class Spans : BaseProcessor<Activity>
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<Activity> _ended = new();

        public IEnumerable<Activity> All => _ended;

        public override void OnEnd(Activity data) => _ended.Enqueue(data);

        public async Task<Activity> ServerAsync(int port)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            while (true)
            {
                if (_ended.FirstOrDefault(span => span.Kind == ActivityKind.Server && Equals(span.GetTagItem("server.port"), port)) is { } found)
                {
                    return found;
                }

                await Task.Delay(20, limit.Token);
            }
        }
    }
}
