namespace Gaia.Auth.Admin;

/// <summary>Where a role or permission counts, as it is kept: <c>global</c> and nothing for everywhere.</summary>
internal readonly record struct GrantContext(string Type, string Id)
{
    public const string Global = "global";

    private const int MaxId = 500;

    public bool IsGlobal => Type == Global;

    public static AdminError? TryRead(string? type, string? id, out GrantContext context)
    {
        context = new GrantContext(type is null or "" ? Global : type, id ?? "");
        if (context.IsGlobal)
        {
            context = new GrantContext(Global, "");
            return string.IsNullOrEmpty(id) ? null : AdminError.Invalid("context_id needs a context_type");
        }

        if (AdminText.CheckWord("context_type", context.Type, 50) is { } error)
            return error;
        return context.Id.Length is > 0 and <= MaxId && AdminText.IsStorable(context.Id) ? null : AdminError.Invalid($"context_id must have 1 to {MaxId} characters");
    }
}
