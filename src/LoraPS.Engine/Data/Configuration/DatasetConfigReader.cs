using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data.Configuration;

/// <summary>Reads the data set configuration of sd-scripts, TOML or JSON.</summary>
/// <remarks>
/// Schema and inheritance of sd-scripts 48d368fa (<c>library/config_util.py</c>): a subset's own value counts before its
/// data set's, that before <c>[general]</c>, that before the defaults. Other than there, all problems are told at once and
/// with their places, and relative folders are looked for beside the file.
/// </remarks>
public sealed class DatasetConfigReader
{
    private readonly string _path;
    private readonly string? _folder;
    private readonly List<DatasetConfigProblem> _problems = [];

    private DatasetConfigReader(string path, string? folder) => (_path, _folder) = (path, folder);

    /// <summary>Reads a configuration.</summary>
    /// <param name="path">A .toml or .json file.</param>
    /// <param name="defaults">Values of data sets where the file is silent.</param>
    /// <param name="subset">Values of subsets where the file is silent.</param>
    /// <param name="folder">Where a relative folder is looked for that is not beside the file, as sd-scripts does; nowhere when null.</param>
    /// <returns>One for each <c>[[datasets]]</c>, with its subsets; folders are full paths.</returns>
    /// <exception cref="ConfigFileNotFoundException">There is no such file.</exception>
    /// <exception cref="DatasetConfigException">The file cannot be parsed, or says what cannot be done.</exception>
    public static IReadOnlyList<DatasetOptions> Read(string path, DatasetOptions? defaults = null, SubsetOptions? subset = null, string? folder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var reader = new DatasetConfigReader(Path.GetFullPath(path), folder);
        var scope = new ConfigScope((defaults ?? new()) with { Subsets = [] }, subset ?? new());
        var groups = reader.Parse() is { } root ? reader.ReadRoot(root, scope) : [];
        return reader._problems.Count == 0 ? groups
            : throw new DatasetConfigException(reader._path, [.. reader._problems.OrderBy(p => p.Line).ThenBy(p => p.Column)]);
    }

    private ConfigTable? Parse()
    {
        var extension = Path.GetExtension(_path).ToUpperInvariant();
        if (extension is not (".TOML" or ".JSON"))
            return Fail(new ConfigPlace(1, 1), null, "The file's name must end in .toml or .json.");
        if (!File.Exists(_path))
            throw new ConfigFileNotFoundException(_path);
        return ReadText() is not { } text ? null : extension == ".TOML" ? TomlConfig.Parse(text, _problems) : JsonConfig.Parse(text, _problems);
    }

    private string? ReadText()
    {
        try
        {
            return BoundedFile.ReadConfig(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(new ConfigPlace(1, 1), null, $"The file cannot be read: {e.Message}");
            return null;
        }
    }

    private List<DatasetOptions> ReadRoot(ConfigTable root, ConfigScope defaults)
    {
        foreach (var item in root.Items.Where(item => item.Key is not ("general" or "datasets")))
            Fail(item.Place, item.Key, UnknownKeys.AtTop(item.Key));
        var scope = root.Find("general") is { } general && AsTable(general.Value, "[general]") is { } table
            ? Apply(table, ConfigLevels.General, defaults) : defaults;
        return [.. TablesOf(root, "datasets").Select(dataset => ReadDataset(dataset, root, scope))];
    }

    private DatasetOptions ReadDataset(ConfigTable table, ConfigTable root, ConfigScope general)
    {
        var scope = Apply(table, ConfigLevels.Dataset, general);
        var subsets = TablesOf(table, "subsets").ToList();
        var options = scope.Dataset with { Subsets = [.. subsets.Select(subset => ReadSubset(subset, scope))] };
        ConfigTable?[] places = [.. subsets, table, root.Find("general")?.Value.Content as ConfigTable];
        foreach (var problem in DatasetRules.Check(options).DistinctBy(problem => problem.Message))
        {
            var item = places.Select(place => place?.Find(problem.Option)).FirstOrDefault(found => found is not null);
            // A value of the wrong kind has been told of already, and its default need not fit.
            if (_problems.TrueForAll(told => told.Key != problem.Option || told.Line != item?.Place.Line))
                Fail(item?.Place ?? table.Place, problem.Option, problem.Message);
        }

        return options;
    }

    private SubsetOptions ReadSubset(ConfigTable table, ConfigScope dataset)
    {
        var subset = Apply(table, ConfigLevels.Subset, dataset).Subset;
        if (table.Find("image_dir") is null && table.Find("metadata_file") is null)
            Fail(table.Place, "image_dir", "The subset has no image_dir; give the folder of its pictures.");
        return subset with
        {
            ImageDirectory = FullPath(table, "image_dir", subset.ImageDirectory),
            MaskDirectory = subset.MaskDirectory is { } masks ? FullPath(table, "conditioning_data_dir", masks) : null,
        };
    }

    private string FullPath(ConfigTable table, string key, string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            Fail(table.Find(key)?.Place ?? table.Place, key, $"{key} holds the character U+0000, which no path can.");
            return path;
        }

        var beside = Path.GetFullPath(path, Path.GetDirectoryName(_path)!);
        var other = _folder is null ? beside : Path.GetFullPath(path, _folder);
        return Directory.Exists(beside) || !Directory.Exists(other) ? beside : other;
    }

    /// <summary>The scope with all values of a table, but for those that are told of as problems.</summary>
    private ConfigScope Apply(ConfigTable table, ConfigLevels level, ConfigScope scope)
    {
        foreach (var item in table.Items.Where(item => level != ConfigLevels.Dataset || item.Key != "subsets"))
        {
            var option = ConfigSchema.Options.FirstOrDefault(option => option.Name == item.Key && option.Levels.HasFlag(level));
            if (option is null)
            {
                Fail(item.Place, item.Key, UnknownKeys.At(level, item.Key));
                continue;
            }

            scope = option.Apply(scope, item.Value, out var refusal);
            if (refusal is not null)
                _problems.Add(new DatasetConfigProblem(item.Place.Line, item.Place.Column, item.Key, refusal.Message, refusal.IsUnsupported));
        }

        return scope;
    }

    /// <summary>The tables of a list that must be there.</summary>
    private IEnumerable<ConfigTable> TablesOf(ConfigTable parent, string key)
    {
        var header = key == "datasets" ? "[[datasets]]" : "[[datasets.subsets]]";
        var list = parent.Find(key);
        if (list?.Value.Content is List<ConfigValue> { Count: > 0 } values)
            return values.Select(value => AsTable(value, header)).OfType<ConfigTable>();
        Fail(
            list?.Place ?? parent.Place,
            key,
            list?.Value.Content is ConfigTable ? $"'{key}' must be a list of tables: write {header}, with double brackets." : $"There is no {header}; give at least one.");
        return [];
    }

    private ConfigTable? AsTable(ConfigValue value, string header) =>
        value.Content as ConfigTable ?? Fail(value.Place, null, $"{header} must be a table, and is {value.Text}.");

    private ConfigTable? Fail(ConfigPlace place, string? key, string message)
    {
        _problems.Add(new DatasetConfigProblem(place.Line, place.Column, key, message));
        return null;
    }
}
