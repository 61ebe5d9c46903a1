using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gaia.Web;

/// <summary>How much a browser may send. A form is read before it is known whose it is.</summary>
internal static class RequestLimits
{
    /// <summary>Bytes, of everything that does not say otherwise.</summary>
    internal const int Body = 64 * 1024;

    /// <summary>
    /// Bytes, of a form with what somebody says to a model: a million characters, of which a form makes nine bytes each at most. Only for
    /// whoever is signed in.
    /// </summary>
    internal const int MessageBody = 9 * 1024 * 1024;

    private const int Fields = 32;
    private const int NameLength = 256;

    internal static void AddRequestLimits(this IServiceCollection services)
    {
        services.Configure<KestrelServerOptions>(static kestrel => kestrel.Limits.MaxRequestBodySize = Body);
        services.Configure<FormOptions>(static form =>
        {
            form.ValueCountLimit = Fields;
            form.KeyLengthLimit = NameLength;
            form.ValueLengthLimit = MessageBody;
        });
    }

    /// <summary>For a form with a message in it.</summary>
    internal static TBuilder TakesMessage<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new BodySize(MessageBody));

    private sealed record BodySize(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
