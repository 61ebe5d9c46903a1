namespace Gaia.Web.Account;

internal static class AccountEndpoints
{
    internal const string DevelopmentEmail = "dev@gaia.local";

    internal static void MapAccount(this IEndpointRouteBuilder routes)
    {
        routes.MapLogin();
    }
}
