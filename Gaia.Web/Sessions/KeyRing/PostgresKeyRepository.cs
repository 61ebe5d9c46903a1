using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Web.Sessions.KeyRing;

/// <summary>Keeps the key ring in PostgreSQL, so that every replica opens what another has sealed. Asked at the start and about once a day.</summary>
internal sealed class PostgresKeyRepository(IServiceScopeFactory scopes) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var scope = scopes.CreateScope();
        return [.. scope.ServiceProvider.GetRequiredService<WebDbContext>().Keys.Select(row => row.Xml).AsEnumerable().Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var xml = element.ToString(SaveOptions.DisableFormatting);
        using var scope = scopes.CreateScope();
        scope.ServiceProvider.GetRequiredService<WebDbContext>().Database.ExecuteSql(
            $"INSERT INTO data_protection_keys (name, xml) VALUES ({friendlyName}, {xml}) ON CONFLICT (name) DO UPDATE SET xml = excluded.xml");
    }
}
