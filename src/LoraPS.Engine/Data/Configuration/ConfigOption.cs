namespace LoraPS.Engine.Data.Configuration;

/// <summary>An option that a configuration may set.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Levels">Where it may stand.</param>
/// <param name="Apply">Puts a value into a scope; on a value that cannot be used it gives the reason instead.</param>
/// <param name="Value">The value of a scope, as it is written; null leaves it out.</param>
internal sealed record ConfigOption(string Name, ConfigLevels Levels, ConfigOption.Setter Apply, Func<ConfigScope, object?> Value)
{
    /// <summary>Puts a value into a scope.</summary>
    /// <param name="scope">The scope to change.</param>
    /// <param name="value">The value.</param>
    /// <param name="refusal">Why it cannot be used.</param>
    public delegate ConfigScope Setter(ConfigScope scope, ConfigValue value, out ConfigRefusal? refusal);

    /// <summary>An option of data sets.</summary>
    public static ConfigOption OfDataset<T>(string name, ConfigType<T> type, Func<DatasetOptions, T, DatasetOptions> set, Func<DatasetOptions, object?> value) =>
        new(name, ConfigLevels.Upper, Typed(name, type, (scope, typed) => scope with { Dataset = set(scope.Dataset, typed) }), scope => value(scope.Dataset));

    /// <summary>An option of subsets.</summary>
    public static ConfigOption OfSubset<T>(
        string name, ConfigType<T> type, Func<SubsetOptions, T, SubsetOptions> set, Func<SubsetOptions, object?> value, ConfigLevels levels = ConfigLevels.All) =>
        new(name, levels, Typed(name, type, (scope, typed) => scope with { Subset = set(scope.Subset, typed) }), scope => value(scope.Subset));

    /// <summary>An option of captions.</summary>
    public static ConfigOption OfCaption<T>(string name, ConfigType<T> type, Func<CaptionOptions, T, CaptionOptions> set, Func<CaptionOptions, object?> value) =>
        OfSubset(name, type, (subset, typed) => subset with { Caption = set(subset.Caption, typed) }, subset => value(subset.Caption));

    /// <summary>An option of the reference that may only have the value that changes nothing.</summary>
    /// <param name="name">Its key.</param>
    /// <param name="levels">Where it may stand.</param>
    /// <param name="type">Its kind of value.</param>
    /// <param name="isNeutral">True for a value that changes nothing.</param>
    public static ConfigOption Unsupported<T>(string name, ConfigLevels levels, ConfigType<T> type, Predicate<T> isNeutral) => new(
        name,
        levels,
        (ConfigScope scope, ConfigValue value, out ConfigRefusal? refusal) =>
        {
            refusal = !type.Read(value.Content, out var typed) ? ConfigRefusal.WrongType(name, type.Expected, value.Text)
                : isNeutral(typed) ? null
                : new ConfigRefusal($"{name} = {value.Text} is not supported yet. Remove it to train without it.", IsUnsupported: true);
            return scope;
        },
        _ => null);

    private static Setter Typed<T>(string name, ConfigType<T> type, Func<ConfigScope, T, ConfigScope> set) =>
        (ConfigScope scope, ConfigValue value, out ConfigRefusal? refusal) =>
        {
            var fits = type.Read(value.Content, out var typed);
            refusal = fits ? null : ConfigRefusal.WrongType(name, type.Expected, value.Text);
            return fits ? set(scope, typed) : scope;
        };
}
