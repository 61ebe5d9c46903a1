using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Web.Chat.Sharing;

/// <summary>Hands a conversation on: as a link, or as a file.</summary>
internal static class ShareEndpoints
{
    private static readonly string[] Copied = ["Content-Type", "Content-Disposition"];

    internal static void MapSharing(this IEndpointRouteBuilder routes)
    {
        var shares = routes.MapGroup("/chat/{id:guid}").AddEndpointFilter(ChatFilters.AsToast);
        shares.MapGet("share", ListAsync);
        shares.MapPost("share", CreateAsync).DisableAntiforgery();
        shares.MapDelete("shares/{shareId:guid}", RevokeAsync);
        routes.MapGet("/chat/{id:guid}/export", ExportAsync);
    }

    private static Task<IResult> ListAsync(Guid id, ChatGateway gateway, CancellationToken cancellationToken) => ShowAsync(id, null, gateway, cancellationToken);

    private static async Task<IResult> CreateAsync(Guid id, [FromForm] string? hours, HttpContext http, ChatGateway gateway, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        double? span = double.TryParse(hours, CultureInfo.InvariantCulture, out var given) ? given : null;
        var share = await gateway.ShareAsync(id, span, cancellationToken);
        return await ShowAsync(id, $"{http.Request.Scheme}://{http.Request.Host}/shared/{share.Token}", gateway, cancellationToken);
    }

    private static async Task<IResult> RevokeAsync(Guid id, Guid shareId, ChatGateway gateway, CancellationToken cancellationToken)
    {
        await gateway.RevokeAsync(id, shareId, cancellationToken);
        return await ShowAsync(id, null, gateway, cancellationToken);
    }

    private static async Task<IResult> ExportAsync(Guid id, string? format, HttpContext http, ChatGateway gateway, CancellationToken cancellationToken)
    {
        using var file = await gateway.ExportAsync(id, format == "json" ? "json" : "markdown", cancellationToken);
        foreach (var name in Copied)
        {
            if (file.Content.Headers.TryGetValues(name, out var values))
                http.Response.Headers[name] = string.Join(", ", values);
        }

        http.Response.Headers.CacheControl = "no-store";
        await file.Content.CopyToAsync(http.Response.Body, cancellationToken);
        return TypedResults.Empty;
    }

    private static async Task<IResult> ShowAsync(Guid id, string? link, ChatGateway gateway, CancellationToken cancellationToken) =>
        new RazorComponentResult<ShareDialog>(new { ConversationId = id, Shares = await gateway.SharesAsync(id, cancellationToken), Link = link });
}
