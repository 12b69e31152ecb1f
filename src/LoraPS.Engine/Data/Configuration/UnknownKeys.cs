namespace LoraPS.Engine.Data.Configuration;

/// <summary>Says what is wrong with a key that is unknown where it stands.</summary>
internal static class UnknownKeys
{
    private static readonly (ConfigLevels Level, string Header)[] Headers =
    [
        (ConfigLevels.General, "[general]"), (ConfigLevels.Dataset, "[[datasets]]"), (ConfigLevels.Subset, "[[datasets.subsets]]"),
    ];

    /// <summary>A key beside <c>general</c> and <c>datasets</c>.</summary>
    public static string AtTop(string key) =>
        Misplaced(key, "at the top of the file") ?? Unknown(key, ["general", "datasets"]);

    /// <summary>A key in a table.</summary>
    public static string At(ConfigLevels level, string key) => Misplaced(key, "in " + HeadersOf(level)) ?? Unknown(key, ConfigSchema.Options
        .OrderByDescending(option => option.Levels.HasFlag(level))
        .Select(option => option.Name));

    private static string? Misplaced(string key, string found) => FindOption(key) is { } option
        ? $"'{key}' must not stand {found}, but in {HeadersOf(option.Levels)}." : null;

    private static string Unknown(string key, IEnumerable<string> known) =>
        ConfigSchema.TrainingKeys.Contains(key) ? $"'{key}' is an option of the training, not of its data: give it to the training instead."
        : ConfigSchema.CommandLineNames.TryGetValue(key, out var name) ? $"'{key}' is a name of the command line. Did you mean {Describe(name)}?"
        : NearestName.Of(key, known) is { } near ? $"'{key}' is not a known key. Did you mean {Describe(near)}?"
        : $"'{key}' is not a known key. Remove it.";

    private static string Describe(string name) =>
        FindOption(name) is { } option ? $"'{name}', which stands in {HeadersOf(option.Levels)}" : $"'{name}'";

    private static ConfigOption? FindOption(string key) => ConfigSchema.Options.FirstOrDefault(option => option.Name == key);

    private static string HeadersOf(ConfigLevels levels) =>
        string.Join(" or ", Headers.Where(header => levels.HasFlag(header.Level)).Select(header => header.Header));
}
