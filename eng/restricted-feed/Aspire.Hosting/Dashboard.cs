using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>The dashboard of the Aspire CLI. It receives telemetry; the resource list needs the real package's gRPC service.</summary>
internal static class Dashboard
{
    private const string Frontend = "ASPNETCORE_URLS";
    private const string Grpc = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const string Http = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";

    public static void Configure(ConfigurationManager configuration)
    {
        if (configuration.GetValue<bool>("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS")) return;
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AppHost:OtlpApiKey"] = configuration["AppHost:OtlpApiKey"] ?? Token(),
            ["AppHost:BrowserToken"] = configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] ?? Token(),
        });
    }

    /// <summary>The process to start, or null when there is no Aspire CLI.</summary>
    public static ExecutableResource? Resource(IConfiguration configuration)
    {
        var folder = Environment.CurrentDirectory;
        if (ChildProcess.Find(configuration["ASPIRE_CLI_PATH"] ?? "aspire", folder) is not { } cli) return null;

        var dashboard = new ExecutableResource("aspire-dashboard", cli, folder);
        dashboard.Annotations.Add(new ArgsAnnotation(["dashboard", "run", "--nologo", "--non-interactive", .. Option("--frontend-url", Frontend), .. Option("--otlp-grpc-url", Grpc), .. Option("--otlp-http-url", Http)]));
        dashboard.Annotations.Add(new EnvironmentAnnotation(context =>
        {
            var environment = context.EnvironmentVariables;
            environment["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true";
            environment["DASHBOARD__FRONTEND__AUTHMODE"] = Set("DASHBOARD__FRONTEND__BROWSERTOKEN", "AppHost:BrowserToken") ? "BrowserToken" : "Unsecured";
            environment["DASHBOARD__OTLP__AUTHMODE"] = Set("DASHBOARD__OTLP__PRIMARYAPIKEY", "AppHost:OtlpApiKey") ? "ApiKey" : "Unsecured";
            environment["DASHBOARD__API__AUTHMODE"] = Set("DASHBOARD__API__PRIMARYAPIKEY", "AppHost:OtlpApiKey") ? "ApiKey" : "Unsecured";
            return Task.CompletedTask;

            bool Set(string name, string key)
            {
                if (configuration[key] is { Length: > 0 } value) environment[name] = value;
                return environment.ContainsKey(name);
            }
        }));
        return dashboard;

        string[] Option(string option, string key) => configuration[key] is { Length: > 0 } url ? [option, url] : [];
    }

    private static string Token() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
