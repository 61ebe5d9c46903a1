using Microsoft.Extensions.Options;

namespace Gaia.Chat;

/// <summary>Section <c>Chat</c>.</summary>
public sealed class ChatSettings
{
    public const string Section = "Chat";

    /// <summary>What every model is told first, before its persona. Empty for nothing.</summary>
    public string SystemPrompt { get; set; } =
        "Answer clearly and briefly, in the language of the user. Say so when you do not know something.";

    /// <summary>The name of the persona of users who chose none. Empty for nobody in particular.</summary>
    public string DefaultPersona { get; set; } = "Mu";

    /// <summary>Whether a model of another provider answers when the first one fails before its first word.</summary>
    public bool Fallback { get; set; } = true;

    /// <summary>Characters (UTF-16) of one message.</summary>
    public int MaxMessageLength { get; set; } = 1_000_000;

    /// <summary>Characters of one answer, against a provider that never ends.</summary>
    public int MaxAnswerLength { get; set; } = 1_000_000;

    /// <summary>Messages of a conversation that are sent with a new one, at most; the model's window bounds them further.</summary>
    public int MaxHistoryMessages { get; set; } = 1000;

    /// <summary>Messages of a user's memory that are sent with a new one, on the routes without conversations.</summary>
    public int MaxMemoryMessages { get; set; } = 49;

    /// <summary>Answers that are made in the background for one user at once, on each replica.</summary>
    public int MaxBackgroundAnswers { get; set; } = 16;

    /// <summary>How long answers may go on when the service is told to stop.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);
}

internal sealed class ChatSettingsValidator : IValidateOptions<ChatSettings>
{
    public ValidateOptionsResult Validate(string? name, ChatSettings options) =>
        options is { MaxMessageLength: > 0, MaxAnswerLength: > 0, MaxHistoryMessages: >= 0, MaxMemoryMessages: >= 0, MaxBackgroundAnswers: >= 0 } && options.StopGrace >= TimeSpan.Zero
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Chat:MaxMessageLength and Chat:MaxAnswerLength are above zero, Chat:MaxHistoryMessages, Chat:MaxMemoryMessages, Chat:MaxBackgroundAnswers and Chat:StopGrace not below.");
}
