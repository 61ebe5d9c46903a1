namespace Gaia.Web.Design;

/// <summary>What became of something that was asked for.</summary>
/// <param name="Kind"><c>success</c> or <c>error</c>.</param>
public sealed record Notice(string Kind, string Text);
