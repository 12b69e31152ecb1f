using System.Text;
using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>Writes the TOML file that sd-scripts takes as <c>--config_file</c>, and <see cref="TrainingConfigReader"/> reads.</summary>
/// <remarks>As with <c>--output_config</c> of sd-scripts 48d368fa only what is not the default there is written, and no secret ever is.</remarks>
public static class TrainingConfigWriter
{
    /// <summary>Written always: there the learning rate has another default, and the network none.</summary>
    private static readonly string[] Always = ["network_module", "learning_rate"];

    private static readonly (string Name, Func<TrainingOptions, object?> Value)[] Unknown =
    [
        (nameof(TrainingOptions.Device), o => o.Device),
        (nameof(TrainingOptions.GradNormPerPart), o => o.GradNormPerPart),
        (nameof(TrainingOptions.NonFinite), o => o.NonFinite),
        (nameof(TrainingOptions.LogPath), o => o.LogPath),
        (nameof(TrainingOptions.TokenizerPath), o => o.TokenizerPath),
        (nameof(TrainingOptions.AllowDownload), o => o.AllowDownload),
        (nameof(LossOptions.SnrBeforeRescaling), o => o.Loss.SnrBeforeRescaling),
    ];

    /// <summary>Where the data set of a configuration is described, when that says folder by folder how it is used.</summary>
    /// <param name="path">The configuration.</param>
    public static string DatasetPathOf(string path) => Path.ChangeExtension(Path.GetFullPath(path), ".dataset.toml");

    /// <summary>Where the prompts of sample pictures are written.</summary>
    /// <param name="path">The configuration.</param>
    public static string PromptsPathOf(string path) => Path.ChangeExtension(Path.GetFullPath(path), ".prompts.txt");

    /// <summary>Writes a configuration, each file whole or not at all, and before it that of its data set and its prompts where there are such.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="config">The configuration.</param>
    /// <returns>The files, in the order in which they were written.</returns>
    /// <exception cref="WriteFailedException">A file cannot be written.</exception>
    public static IReadOnlyList<string> Write(string path, TrainingConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var written = new List<string>();
        if (config.Datasets.Count > 0)
        {
            var dataset = DatasetPathOf(path);
            WriteText(dataset, DatasetConfigWriter.ToToml(config.Datasets));
            written.Add(dataset);
            config = config with { DatasetConfigPath = dataset };
        }

        if (config.Training.Samples.Prompts.Count > 0)
        {
            var prompts = PromptsPathOf(path);
            WriteText(prompts, string.Concat(config.Training.Samples.Prompts.Select(prompt => prompt + "\n")));
            written.Add(prompts);
            config = config with { SamplePromptsPath = prompts };
        }

        WriteText(path, ToToml(config));
        return [.. written, Path.GetFullPath(path)];
    }

    /// <summary>The text of the file.</summary>
    /// <param name="config">The configuration.</param>
    public static string ToToml(TrainingConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var defaults = new TrainingConfig();
        return string.Concat(TrainingArguments.All.Select(argument => TomlText.Line(argument.Name, argument.Value(config), Always.Contains(argument.Name) ? null : argument.Value(defaults))));
    }

    /// <summary>Names of settings that are not at their defaults and that sd-scripts has no argument for, so that the file cannot hold them.</summary>
    /// <param name="options">Options of a training.</param>
    public static IReadOnlyList<string> Unsaid(TrainingOptions options)
    {
        var defaults = new TrainingConfig().Training;
        return [.. Unknown.Where(option => !Equals(option.Value(options), option.Value(defaults))).Select(option => option.Name)];
    }

    private static void WriteText(string path, string text)
    {
        using var claim = Destination.Claim(path, force: true);
        using var file = new AtomicFile(path);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Commit();
    }
}
