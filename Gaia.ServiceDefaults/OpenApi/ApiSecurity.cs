using Microsoft.OpenApi;

namespace Gaia.ServiceDefaults.OpenApi;

/// <summary>The two ways to present a credential, under their names in the documents.</summary>
public static class ApiSecurity
{
    /// <summary><c>Authorization: Bearer</c> with a user's token or an API key.</summary>
    public const string Bearer = "bearer";

    /// <summary><c>X-API-Key</c>.</summary>
    public const string ApiKey = "api_key";

    internal static void AddSchemes(OpenApiDocument document)
    {
        document.AddComponent<IOpenApiSecurityScheme>(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "The access token of a user who has logged in, or an API key.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(ApiKey, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "X-API-Key",
            Description = "An API key.",
        });
    }

    /// <summary>Either of the two.</summary>
    internal static List<OpenApiSecurityRequirement> Required(OpenApiDocument? document) =>
    [
        new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] },
        new() { [new OpenApiSecuritySchemeReference(ApiKey, document)] = [] },
    ];
}
