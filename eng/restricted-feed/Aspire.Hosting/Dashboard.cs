using System.Security.Cryptography;

namespace Aspire.Hosting;

/// <summary>The dashboard of the Aspire CLI. It receives telemetry; the resource list needs the real package's gRPC service.</summary>
internal static class Dashboard
{
    public static void Configure(ConfigurationManager configuration)
    {
        if (configuration.GetValue<bool>("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS")) return;
        configuration["AppHost:OtlpApiKey"] ??= Token();
        configuration["AppHost:BrowserToken"] = configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] ?? Token();
    }

    /// <summary>The process to start, or null when there is no Aspire CLI.</summary>
    public static ExecutableResource? Resource(IConfiguration configuration)
    {
        if (ChildProcess.Find(configuration["ASPIRE_CLI_PATH"] ?? "aspire", Environment.CurrentDirectory) is not { } cli) return null;
        var dashboard = new ExecutableResource("aspire-dashboard", cli, Path.GetTempPath());
        dashboard.Annotations.Add(new ArgsAnnotation(["dashboard", "run", "--nologo", "--non-interactive", .. Option("--frontend-url", "ASPNETCORE_URLS"),
            .. Option("--otlp-grpc-url", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"), .. Option("--otlp-http-url", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL")]));
        dashboard.Annotations.Add(new EnvironmentAnnotation(environment =>
        {
            var (token, key) = (configuration["AppHost:BrowserToken"], configuration["AppHost:OtlpApiKey"]);
            environment["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true";
            environment["DASHBOARD__FRONTEND__AUTHMODE"] = token is null ? "Unsecured" : "BrowserToken";
            environment["DASHBOARD__FRONTEND__BROWSERTOKEN"] = token ?? "";
            environment["DASHBOARD__OTLP__AUTHMODE"] = environment["DASHBOARD__API__AUTHMODE"] = key is null ? "Unsecured" : "ApiKey";
            environment["DASHBOARD__OTLP__PRIMARYAPIKEY"] = environment["DASHBOARD__API__PRIMARYAPIKEY"] = key ?? "";
            return Task.CompletedTask;
        }));
        return dashboard;
        string[] Option(string option, string key) => configuration[key] is { Length: > 0 } url ? [option, url] : [];
    }

    private static string Token() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
