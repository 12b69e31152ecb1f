using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>Reads the TOML file that sd-scripts takes as <c>--config_file</c>: argument names of train_network.py and their values.</summary>
/// <remarks>
/// As read_config_from_file of sd-scripts 48d368fa: sections do not matter, all their keys are one name space. Other than there,
/// unknown keys and values that cannot be used are errors, told all at once and with their lines, and paths that are not absolute
/// are looked for in a given folder.
/// </remarks>
public sealed class TrainingConfigReader
{
    private readonly string _path;
    private readonly string _folder;
    private readonly List<DatasetConfigProblem> _problems = [];
    private readonly List<string> _ignored = [];

    private TrainingConfigReader(string path, string? folder) => (_path, _folder) = (path, folder ?? Path.GetDirectoryName(path)!);

    /// <summary>Reads a configuration.</summary>
    /// <param name="path">The file; ".toml" is added where it has no extension.</param>
    /// <param name="folder">Where paths in it begin that are not absolute; the file's own folder when null.</param>
    /// <param name="defaults">Values where the file is silent.</param>
    /// <exception cref="ConfigFileNotFoundException">There is no such file.</exception>
    /// <exception cref="TrainingConfigException">The file is not TOML, or says what cannot be done.</exception>
    public static TrainingConfig Read(string path, string? folder = null, TrainingConfig? defaults = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(Path.HasExtension(path) ? path : path + ".toml");
        var reader = new TrainingConfigReader(full, folder is null ? null : Path.GetFullPath(folder));
        var config = reader.Parse() is { } root ? reader.Apply(reader.Flatten(root), defaults ?? new()) : new();
        return reader._problems.Count == 0 ? config
            : throw new TrainingConfigException(full, [.. reader._problems.OrderBy(p => p.Line).ThenBy(p => p.Column)]);
    }

    private ConfigTable? Parse()
    {
        if (!File.Exists(_path))
            throw new ConfigFileNotFoundException(_path);
        try
        {
            return TomlConfig.Parse(BoundedFile.ReadConfig(_path), _problems);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(new ConfigItem("", new ConfigPlace(1, 1), new ConfigValue(null, new ConfigPlace(1, 1), "")), $"The file cannot be read: {e.Message}");
            return null;
        }
    }

    private List<ConfigItem> Flatten(ConfigTable root)
    {
        var items = root.Items.SelectMany(item => item.Value.Content is ConfigTable section ? section.Items : [item]).ToList();
        foreach (var twice in items.GroupBy(item => item.Key).SelectMany(same => same.Skip(1)))
            Fail(twice, $"'{twice.Key}' is given twice; sections do not part names.");
        return items;
    }

    private TrainingConfig Apply(List<ConfigItem> items, TrainingConfig config)
    {
        // Some arguments change what others set, in the order of the table.
        var order = TrainingArguments.All.Select(argument => argument.Name).ToList();
        foreach (var item in items.OrderBy(item => order.IndexOf(item.Key)))
            config = Apply(item, config);
        var output = config.OutputDirectory ?? _folder;
        return config with
        {
            Ignored = _ignored,
            Folder = _folder,
            Training = config.Training with
            {
                DestinationPath = Path.Combine(output, config.OutputName + ".safetensors"),
                BaseWeights = config.Training.BaseWeights.Select(weights => weights with { Path = Path.GetFullPath(weights.Path, _folder) }).ToList(),
                CachePath = config.CachesOnDisk ? TrainingConfig.CacheFolderOf(output) : config.Training.CachePath,
            },
        };
    }

    private TrainingConfig Apply(ConfigItem item, TrainingConfig config)
    {
        if (TrainingArguments.Ignored.Contains(item.Key))
            _ignored.Add(item.Key);
        else if (!TrainingArguments.ByName.TryGetValue(item.Key, out var argument))
            Fail(item, NearestName.Of(item.Key, TrainingArguments.ByName.Keys) is { } near
                ? $"'{item.Key}' is not a known option. Did you mean '{near}'?" : $"'{item.Key}' is not a known option. Remove it.");
        else
            return Apply(item, argument, config);
        return config;
    }

    private TrainingConfig Apply(ConfigItem item, TrainingArgument argument, TrainingConfig config)
    {
        try
        {
            config = argument.Apply(config, item.Value, _folder, out var refusal);
            if (refusal is not null)
                Fail(item, refusal.Message, refusal.IsUnsupported);
        }
        catch (ArgumentException e)
        {
            Fail(item, e.Message);
        }

        return config;
    }

    private void Fail(ConfigItem item, string message, bool isUnsupported = false) =>
        _problems.Add(new DatasetConfigProblem(item.Place.Line, item.Place.Column, item.Key, message, isUnsupported));
}
