using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Tokens;

/// <summary>Seals secrets at rest with AES-256-GCM. What is sealed can be opened under the same name only.</summary>
public sealed class SecretBox(IOptions<AuthOptions> options) : IDisposable
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int TagAt = 1 + NonceLength;
    private const int TextAt = TagAt + TagLength;

    private readonly AesGcm _cipher = new(options.Value.EncryptionKeyBytes(), TagLength);

    /// <returns>A version byte, the nonce, the tag and the ciphertext.</returns>
    public byte[] Seal(string name, ReadOnlySpan<byte> secret)
    {
        var box = new byte[TextAt + secret.Length];
        box[0] = Version;
        var nonce = box.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(nonce, secret, box.AsSpan(TextAt), box.AsSpan(TagAt, TagLength), Encoding.UTF8.GetBytes(name));
        return box;
    }

    /// <exception cref="CryptographicException">The box was sealed with another key or under another name, or is damaged.</exception>
    public byte[] Open(string name, byte[] box)
    {
        if (box.Length < TextAt || box[0] != Version)
            throw new CryptographicException("This is not a sealed secret.");
        var secret = new byte[box.Length - TextAt];
        _cipher.Decrypt(box.AsSpan(1, NonceLength), box.AsSpan(TextAt), box.AsSpan(TagAt, TagLength), secret, Encoding.UTF8.GetBytes(name));
        return secret;
    }

    public void Dispose() => _cipher.Dispose();
}
