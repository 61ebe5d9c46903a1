using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Gaia.Gateway.Proxy;

/// <summary>
/// The proxy brings Data Protection along, for cookies that keep a client at one destination. The gateway sets none, so that its keys
/// need not be the same in every replica, nor lie in a file: they end with the process.
/// </summary>
internal sealed class TransientKeys : IXmlRepository
{
    private readonly ConcurrentBag<XElement> _keys = [];

    internal static void Use(KeyManagementOptions options)
    {
        options.XmlRepository = new TransientKeys();
        options.XmlEncryptor = new NullXmlEncryptor();
    }

    public IReadOnlyCollection<XElement> GetAllElements() => [.. _keys.Select(static key => new XElement(key))];

    public void StoreElement(XElement element, string friendlyName) => _keys.Add(new XElement(element));
}
