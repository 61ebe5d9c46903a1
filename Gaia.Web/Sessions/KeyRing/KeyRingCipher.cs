using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;

namespace Gaia.Web.Sessions.KeyRing;

/// <summary>Seals the keys of the ring with AES-256-GCM: who reads the database has not read them.</summary>
internal sealed class KeyRingEncryptor(byte[] key) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var text = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var box = new byte[KeyRingDecryptor.TextAt + text.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, KeyRingDecryptor.NonceLength));
        using var cipher = new AesGcm(key, KeyRingDecryptor.TagLength);
        cipher.Encrypt(
            box.AsSpan(0, KeyRingDecryptor.NonceLength), text, box.AsSpan(KeyRingDecryptor.TextAt), box.AsSpan(KeyRingDecryptor.NonceLength, KeyRingDecryptor.TagLength));
        CryptographicOperations.ZeroMemory(text);
        return new EncryptedXmlInfo(new XElement("sealed", Convert.ToBase64String(box)), typeof(KeyRingDecryptor));
    }
}

/// <summary>Opens what <see cref="KeyRingEncryptor"/> sealed. Made by Data Protection, by its name in the ring.</summary>
internal sealed class KeyRingDecryptor(IServiceProvider services) : IXmlDecryptor
{
    internal const int NonceLength = 12;
    internal const int TagLength = 16;
    internal const int TextAt = NonceLength + TagLength;

    /// <exception cref="CryptographicException">There is no key to open it with, or another one sealed it.</exception>
    public XElement Decrypt(XElement encryptedElement)
    {
        var key = services.GetRequiredService<IOptions<KeyRingOptions>>().Value.DeriveKey()
            ?? throw new CryptographicException($"The key ring is sealed: give {KeyRingOptions.EncryptionKeyName}.");
        var box = Convert.FromBase64String(encryptedElement.Value);
        var text = new byte[box.Length - TextAt];
        using var cipher = new AesGcm(key, TagLength);
        cipher.Decrypt(box.AsSpan(0, NonceLength), box.AsSpan(TextAt), box.AsSpan(NonceLength, TagLength), text);
        return XElement.Parse(Encoding.UTF8.GetString(text));
    }
}
