namespace Gaia.Chat.Providers.Local;

/// <summary>Settings of the embedded provider.</summary>
public sealed class LocalChatOptions
{
    /// <summary>Pause between streamed words, to try a client against a slower provider. None by default.</summary>
    public TimeSpan Pace { get; set; } = TimeSpan.Zero;
}
