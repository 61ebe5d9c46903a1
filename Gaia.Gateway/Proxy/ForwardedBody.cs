using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace Gaia.Gateway.Proxy;

/// <summary>
/// Lets a short body go out together with the head of its request, as far as HttpClient's buffer holds both. YARP sends the head at
/// once and by itself, for which a service is woken twice, and does so still with bodies that are longer or of unknown length.
/// </summary>
internal sealed class ForwardedBody : ForwarderHttpClientFactory
{
    /// <summary>Bytes.</summary>
    private const int MaxLength = 4096;

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new Handler(base.WrapHandler(context, handler));

    private sealed class Handler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { Headers.ContentLength: { } length and <= MaxLength } content)
                request.Content = new Content(content, (int)length);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Content : HttpContent
    {
        private readonly HttpContent _content;
        private readonly int _length;

        public Content(HttpContent content, int length)
        {
            (_content, _length) = (content, length);
            foreach (var (name, values) in content.Headers.NonValidated)
                Headers.TryAddWithoutValidation(name, values);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            using var body = new MemoryStream(_length);
            await _content.CopyToAsync(body, context, cancellationToken);
            await stream.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _length;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _content.Dispose();
            base.Dispose(disposing);
        }
    }
}
