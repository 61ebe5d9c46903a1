using Gaia.Asset;
using Gaia.Auth;
using Gaia.Chat;
using Gaia.Gateway;
using Gaia.KB;
using Gaia.ServiceDefaults;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.Tests.Infrastructure;
using Gaia.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gaia.Tests.Identity;

/// <summary>Whether every endpoint says who may call it. One that says nothing is open to everybody.</summary>
public sealed class EndpointTests
{
    private static readonly Dictionary<string, (Action<WebApplicationBuilder> Add, Action<WebApplication> Map)> Services = new()
    {
        ["Gaia.Gateway"] = (static builder => builder.AddGateway(), static app => app.MapGateway()),
        ["Gaia.Auth"] = (static builder => builder.AddAuth(), static app => app.MapAuth()),
        ["Gaia.Chat"] = (static builder => builder.AddChat(), static app => app.MapChat()),
        ["Gaia.Asset"] = (static builder => builder.AddAsset(), static app => app.MapAsset()),
        ["Gaia.KB"] = (static builder => builder.AddKnowledgeBase(), static app => app.MapKnowledgeBase()),
        ["Gaia.Web"] = (static builder => builder.AddWeb(), static app => app.MapWeb()),
    };

    public static TheoryData<string> Names => [.. Services.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_endpoint_states_its_auth_decision(string service)
    {
        await using var app = Build(service);

        var endpoints = Endpoints(app);
        Assert.Contains(endpoints, endpoint => endpoint.RoutePattern.RawText == "/ready");
        Assert.Empty(endpoints.Where(IsUndecided).Select(Describe));
    }

    [Fact]
    public async Task The_routes_of_the_gateway_to_the_services_are_among_them()
    {
        await using var app = Build("Gaia.Gateway");

        var paths = Endpoints(app).Select(endpoint => endpoint.RoutePattern.RawText).ToList();
        var routes = app.Configuration.GetSection("ReverseProxy:Routes").GetChildren().ToList();
        Assert.NotEmpty(routes);
        Assert.All(routes, route => Assert.Contains(route["Match:Path"], paths));
        Assert.Empty(routes.Where(route => string.IsNullOrWhiteSpace(route["AuthorizationPolicy"])).Select(route => route.Key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_policy_that_an_endpoint_names_exists(string service)
    {
        await using var app = Build(service);
        if (app.Services.GetService<IAuthorizationPolicyProvider>() is not { } policies)
            return;

        foreach (var endpoint in Endpoints(app))
        {
            foreach (var rule in endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Where(rule => rule.Policy is not null))
                Assert.True(await policies.GetPolicyAsync(rule.Policy!) is not null, $"{Describe(endpoint)} names {rule.Policy}");
        }
    }

    /// <summary>Whoever is signed in may administer the own account; all else takes a permission. What the web does for a person, the gateway decides.</summary>
    [Theory]
    [InlineData("Gaia.Gateway")]
    [InlineData("Gaia.Auth")]
    [InlineData("Gaia.Chat")]
    [InlineData("Gaia.Asset")]
    [InlineData("Gaia.KB")]
    public async Task Every_endpoint_of_the_api_takes_a_permission_or_is_of_the_own_account(string service)
    {
        await using var app = Build(service);

        Assert.Empty(Endpoints(app)
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .Where(endpoint => !endpoint.RoutePattern.RawText!.Contains("/auth/", StringComparison.Ordinal) && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Where(endpoint => Rules(endpoint).Count == 0)
            .Select(Describe));
    }

    [Fact]
    public async Task Every_endpoint_of_the_administration_takes_a_permission_of_its_own()
    {
        await using var app = Build("Gaia.Auth");

        var endpoints = Endpoints(app).Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/v1/admin/", StringComparison.Ordinal)).ToList();
        Assert.True(endpoints.Count > 30);
        Assert.Empty(endpoints.Where(endpoint => !Rules(endpoint).Exists(rule => rule.ResourceType == "admin")).Select(Describe));
        Assert.Empty(endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(Describe));
    }

    [Theory]
    [InlineData("Gaia.Auth")]
    [InlineData("Gaia.Chat")]
    [InlineData("Gaia.Asset")]
    [InlineData("Gaia.KB")]
    public async Task No_replica_has_a_key_ring_of_its_own(string service)
    {
        await using var app = Build(service);

        Assert.Null(app.Services.GetService<IDataProtectionProvider>());
    }

    [Fact]
    public async Task The_gateway_keeps_no_keys_in_files()
    {
        await using var app = Build("Gaia.Gateway");
        var repository = app.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.XmlRepository!;
        var protector = app.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

        Assert.Equal("kept", protector.Unprotect(protector.Protect("kept")));
        Assert.Single(repository.GetAllElements());
        Assert.Equal(typeof(GatewayExtensions).Assembly, repository.GetType().Assembly);
    }

    [Fact]
    public async Task The_replicas_of_the_web_share_a_sealed_key_ring_in_the_database()
    {
        await using var app = Build("Gaia.Web");
        var ring = app.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value;

        Assert.Equal("PostgresKeyRepository", ring.XmlRepository?.GetType().Name);
        Assert.Equal("KeyRingEncryptor", ring.XmlEncryptor?.GetType().Name);
    }

    [Fact]
    public async Task An_endpoint_that_says_nothing_is_named()
    {
        await using var app = Build("Gaia.Asset");
        app.MapPost("/forgotten", () => "open to everybody");

        Assert.Equal(["POST /forgotten"], Endpoints(app).Where(IsUndecided).Select(Describe));
    }

    private static WebApplication Build(string service)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = service,
            EnvironmentName = "Production",
            ContentRootPath = Path.Combine(RepositoryClone.Root, service),
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // Nothing is started, so nothing has to be there.
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:gaia"] = "Host=127.0.0.1;Port=9;Username=nobody;Database=nothing",
            ["ConnectionStrings:redis"] = "127.0.0.1:9",
            ["ConnectionStrings:nats"] = "nats://127.0.0.1:9",
            // As published: what was only built has a fallback of ASP.NET's own for files that were added since.
            ["ReloadStaticAssetsAtRuntime"] = "false",
            ["Gaia:EncryptionKey"] = AuthHost.EncryptionKey,
            ["Gaia:ServiceKey"] = AuthHost.ServiceKey,
            ["services:auth:http:0"] = "http://127.0.0.1:9",
            ["services:chat:http:0"] = "http://127.0.0.1:9",
            ["services:gateway:http:0"] = "http://127.0.0.1:9",
        });
        builder.AddServiceDefaults();
        Services[service].Add(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        Services[service].Map(app);
        return app;
    }

    private static List<RouteEndpoint> Endpoints(IEndpointRouteBuilder routes) => [.. routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    private static bool IsUndecided(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAuthorizeData>() is null
        && endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is null
        && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null;

    private static List<PermissionRequirement> Rules(RouteEndpoint endpoint) =>
        [.. endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(rule => PermissionRequirement.Parse(rule.Policy ?? "")).OfType<PermissionRequirement>()];

    private static string Describe(RouteEndpoint endpoint) =>
        $"{string.Join(',', endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"])} {endpoint.RoutePattern.RawText}";
}
