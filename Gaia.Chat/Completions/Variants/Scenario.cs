namespace Gaia.Chat.Completions.Variants;

/// <summary>
/// A scene that several parts play in (contract 2.3.1). One call of one model plays all of them: its instructions name the parts
/// and say who leads them.
/// </summary>
/// <param name="Orchestrator">Who leads.</param>
/// <param name="Agents">Whom the model plays.</param>
/// <param name="Task">What the scene is about.</param>
/// <param name="Words">What a message about it is likely to hold.</param>
internal sealed record Scenario(string Name, string Orchestrator, IReadOnlyList<string> Agents, string Task, IReadOnlyList<string> Words)
{
    public const float Temperature = 0.8f;
    public const int MaxOutputTokens = 2500;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(
            "gamemaster",
            "game_master",
            ["tavern_bartender", "tavern_musician", "merchant_patron", "city_guard"],
            "run a scene of a role-playing game, in which each part acts and speaks for itself",
            ["tavern", "game", "quest", "scene", "npc", "player", "dungeon", "adventure"]),
        new(
            "worldbuilding",
            "world_architect",
            ["geography_specialist", "culture_specialist", "history_specialist", "economics_specialist"],
            "design a part of a world, to which each part contributes its own subject",
            ["world", "continent", "culture", "geography", "civilization", "civilisation", "kingdom", "economy"]),
        new(
            "storytelling",
            "story_weaver",
            ["hero_narrator", "villain_narrator", "commoner_narrator", "scholar_narrator"],
            "tell a story, which each part sees from its own side",
            ["story", "tale", "narrative", "narrate", "chapter", "character", "plot", "perspective"]),
        new(
            "problemsolving",
            "expert_team",
            ["game_design_expert", "technical_expert", "narrative_expert", "psychology_expert"],
            "solve a problem, to which each part brings its own expertise",
            ["problem", "solve", "solution", "how can", "improve", "analyze", "analyse", "strategy"]),
    ];

    /// <summary>What the model is told beside the persona.</summary>
    public string Instructions =>
        $"You are {Readable(Orchestrator)}. Your task is to {Task}. The parts are: {string.Join(", ", Agents.Select(Readable))}. " +
        "Play all of them yourself, name each before it speaks, and bring what they say together into one answer.";

    /// <summary>The scene that a message is most likely about: the one with most of its words in it, or the first.</summary>
    public static Scenario Detect(string message) =>
        All.MaxBy(scenario => scenario.Words.Count(word => message.Contains(word, StringComparison.OrdinalIgnoreCase)))!;

    private static string Readable(string name) => name.Replace('_', ' ');
}
