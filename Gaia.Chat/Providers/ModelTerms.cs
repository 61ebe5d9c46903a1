namespace Gaia.Chat.Providers;

/// <summary>The words in which models are described and wished for, as on the wire.</summary>
public static class ModelTerms
{
    public const string Chat = "chat";
    public const string ToolCalling = "tool_calling";
    public const string Vision = "vision";
    public const string CodeGeneration = "code_generation";
    public const string Multimodal = "multimodal";
    public const string Streaming = "streaming";
    public const string LongContext = "long_context";

    public const string Speed = "speed";
    public const string Quality = "quality";
    public const string Balanced = "balanced";
    public const string Vr = "vr";
    public const string Cost = "cost";

    public const string Greeting = "greeting";
    public const string Conversation = "conversation";
    public const string Technical = "technical";
    public const string Creative = "creative";
    public const string Emergency = "emergency";

    public static IReadOnlyList<string> Capabilities { get; } = [Chat, ToolCalling, Vision, CodeGeneration, Multimodal, Streaming, LongContext];

    public static IReadOnlyList<string> Priorities { get; } = [Speed, Quality, Balanced, Vr, Cost];

    public static IReadOnlyList<string> Contexts { get; } = [Greeting, Conversation, Technical, Creative, Vr, Emergency, Multimodal];

    /// <summary>The word of the list that is meant, whatever its case; null for none of them.</summary>
    internal static string? Find(IReadOnlyList<string> words, string? text)
    {
        foreach (var word in words)
        {
            if (word.Equals(text?.Trim(), StringComparison.OrdinalIgnoreCase))
                return word;
        }

        return null;
    }
}
