using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

[Collection(SharedServers.Name)]
public sealed class PackedBodyTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData("/api/v1/chat", "gzip")]
    [InlineData("/api/v1/conversations", "br")]
    public async Task A_packed_body_is_refused_by_the_name_of_its_encoding(string path, string encoding)
    {
        using var refused = await SendAsync(path, encoding, Pack("""{"message": "hello"}"""));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, refused.StatusCode);
        Assert.Equal("identity", refused.Headers.GetValues("Accept-Encoding").Single());
        Assert.Contains($"Content-Encoding: {encoding}", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_says_it_is_not_packed_is_read()
    {
        fixture.Provider.Reply("ok");
        using var answer = await SendAsync("/api/v1/chat", "identity", Encoding.UTF8.GetBytes("""{"message": "hello"}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private Task<HttpResponseMessage> SendAsync(string path, string encoding, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        return fixture.Alice.Client.PostAsync(path, content);
    }

    private static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
