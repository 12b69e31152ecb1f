using LoraPS.Engine.Data.Configuration;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>An argument of train_network.py.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Apply">Puts a value into a configuration; on a value that cannot be used it gives the reason instead.</param>
/// <param name="Value">The value a configuration has for it, as it is written; null leaves it out.</param>
internal sealed record TrainingArgument(string Name, TrainingArgument.Setter Apply, Func<TrainingConfig, object?> Value)
{
    /// <summary>Puts a value into a configuration.</summary>
    /// <param name="config">The configuration to change.</param>
    /// <param name="value">The value.</param>
    /// <param name="folder">Where paths begin that are not absolute.</param>
    /// <param name="refusal">Why it cannot be used.</param>
    public delegate TrainingConfig Setter(TrainingConfig config, ConfigValue value, string folder, out ConfigRefusal? refusal);

    /// <summary>An argument of some kind of value.</summary>
    public static TrainingArgument Of<T>(string name, ConfigType<T> type, Func<TrainingConfig, T, TrainingConfig> set, Func<TrainingConfig, object?> value) => new(
        name,
        (TrainingConfig config, ConfigValue given, string _, out ConfigRefusal? refusal) =>
        {
            var fits = type.Read(given.Content, out var typed);
            refusal = fits ? null : ConfigRefusal.WrongType(name, type.Expected, given.Text);
            return fits ? set(config, typed) : config;
        },
        value);

    /// <summary>An argument of the training's own options.</summary>
    public static TrainingArgument OfTraining<T>(string name, ConfigType<T> type, Func<TrainingOptions, T, TrainingOptions> set, Func<TrainingOptions, object?> value) =>
        Of(name, type, (config, typed) => config with { Training = set(config.Training, typed) }, config => value(config.Training));

    /// <summary>An argument that names a file or folder.</summary>
    public static TrainingArgument OfPath(string name, Func<TrainingConfig, string, TrainingConfig> set, Func<TrainingConfig, object?> value) => new(
        name,
        (TrainingConfig config, ConfigValue given, string folder, out ConfigRefusal? refusal) =>
        {
            var path = given.Content as string;
            refusal = string.IsNullOrEmpty(path) ? ConfigRefusal.WrongType(name, "a path", given.Text) : null;
            return refusal is null ? set(config, Path.GetFullPath(path!, folder)) : config;
        },
        value);

    /// <summary>An option of the data, whose name and kind are those of the data set configuration.</summary>
    /// <param name="name">The name on the command line.</param>
    /// <param name="option">The name in a data set configuration.</param>
    public static TrainingArgument OfData(string name, string option)
    {
        var known = ConfigSchema.Options.First(found => found.Name == option);
        return new(
            name,
            (TrainingConfig config, ConfigValue given, string _, out ConfigRefusal? refusal) =>
            {
                var scope = known.Apply(new ConfigScope(config.Dataset, config.Subset), given, out refusal);
                return config with { Dataset = scope.Dataset, Subset = scope.Subset };
            },
            config => known.Value(new ConfigScope(config.Dataset, config.Subset)));
    }

    /// <summary>An argument that may only have the value that changes nothing.</summary>
    public static TrainingArgument Unsupported(string name, Predicate<object?> isNeutral, string? reason = null) => new(
        name,
        (TrainingConfig config, ConfigValue given, string _, out ConfigRefusal? refusal) =>
        {
            refusal = isNeutral(given.Content) ? null
                : new ConfigRefusal($"{name} = {given.Text} is not supported. {reason}{(reason is null ? "" : " ")}Remove it to train without it.", IsUnsupported: true);
            return config;
        },
        _ => null);
}
