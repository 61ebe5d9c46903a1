namespace Gaia.Web;

/// <summary>Which browser packages this build brought along. Without Node there are none, and the pages do without.</summary>
internal sealed class BrowserLibraries(IWebHostEnvironment environment)
{
    internal const string HtmxPath = "lib/htmx.min.js";

    public bool HasHtmx { get; } = environment.WebRootFileProvider.GetFileInfo(HtmxPath).Exists;
}
