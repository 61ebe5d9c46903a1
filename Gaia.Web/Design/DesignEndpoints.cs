using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Design;

internal static class DesignEndpoints
{
    internal static void MapDesign(this WebApplication app)
    {
        if (app.Environment.IsDevelopment())
            app.MapGet("/design", static () => new RazorComponentResult<DesignPage>()).AllowAnonymous();
    }
}
