using System.Text;

namespace LoraPS.Engine.Data.Configuration;

/// <summary>Writes the data set configuration of sd-scripts, which <see cref="DatasetConfigReader"/> reads.</summary>
/// <remarks>Only what is not the default is written.</remarks>
public static class DatasetConfigWriter
{
    /// <summary>The text of a configuration.</summary>
    /// <param name="datasets">Resolutions with their folders; these are written as they are, so full paths hold anywhere.</param>
    public static string ToToml(IReadOnlyList<DatasetOptions> datasets)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        var defaults = new ConfigScope(new(), new());
        var text = new StringBuilder();
        foreach (var dataset in datasets)
        {
            text.Append("[[datasets]]\n");
            Append(text, ofSubsets: false, new(dataset, new()), defaults);
            foreach (var subset in dataset.Subsets)
            {
                text.Append("[[datasets.subsets]]\n");
                Append(text, ofSubsets: true, new(dataset, Whole(dataset, subset)), defaults);
            }
        }

        return text.ToString();
    }

    /// <summary>With the interpolation that only a data set has here, and only a subset there.</summary>
    private static SubsetOptions Whole(DatasetOptions dataset, SubsetOptions subset) =>
        subset with { Interpolation = subset.Interpolation ?? (dataset.Interpolation == ResizeInterpolation.Auto ? null : dataset.Interpolation) };

    private static void Append(StringBuilder text, bool ofSubsets, ConfigScope scope, ConfigScope defaults)
    {
        foreach (var option in ConfigSchema.Options.Where(option => option.Levels.HasFlag(ConfigLevels.Subset) == ofSubsets))
            text.Append(TomlText.Line(option.Name, option.Value(scope), option.Value(defaults)));
    }
}
