using Gaia.ServiceDefaults.OpenApi;

namespace Gaia.KB;

/// <summary>The knowledge base has its place in the stack and its health. Documents and search are added here.</summary>
public static class KnowledgeBaseExtensions
{
    public static WebApplicationBuilder AddKnowledgeBase(this WebApplicationBuilder builder) => builder.AddApiDescription();

    public static WebApplication MapKnowledgeBase(this WebApplication app)
    {
        app.MapApiDescription();
        return app;
    }
}
