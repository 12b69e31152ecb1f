using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>The open sources of a merge, checked to fit each other, and their modules side by side.</summary>
/// <remarks>Modules of Stable Diffusion XL go by the names of sd-scripts, also where a source spells them as diffusers does.</remarks>
internal sealed class LoraSourceSet : IDisposable
{
    private readonly IReadOnlyList<LoraSource> _sources;
    private readonly List<LoraReader> _readers = [];
    private readonly List<ILookup<string, LoraModuleInfo>> _modules = [];

    /// <summary>Opens all files.</summary>
    /// <param name="sources">The files.</param>
    /// <param name="skipNonFinite">Leave out modules with NaN.</param>
    /// <param name="events">Warned of what is left out.</param>
    /// <exception cref="LoraMergeException">They are for models of different families.</exception>
    public LoraSourceSet(IReadOnlyList<LoraSource> sources, bool skipNonFinite = false, IProgress<EngineEvent>? events = null)
    {
        _sources = sources;
        try
        {
            foreach (var source in sources)
            {
                if (!double.IsFinite(source.Ratio))
                    throw new ArgumentException($"The ratio of {source.Path} is {source.Ratio}; a ratio is a finite number.", nameof(sources));
                _readers.Add(LoraReader.Open(source.Path));
            }

            CheckFamilies();
            if (skipNonFinite)
                _readers.ForEach(reader => reader.LeaveOutNonFinite(events));
            var isXl = _readers.Exists(reader => reader.Family == ModelFamily.StableDiffusionXL);
            _modules.AddRange(_readers.Select(reader => reader.Modules.ToLookup(module => KohyaNames.Canonical(module.Name, isXl))));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The types that the factors of all sources are stored in.</summary>
    public IEnumerable<SafetensorsDType> DTypes => _readers.SelectMany(reader => reader.DTypes);

    /// <summary>Names of all modules, those of the first source first.</summary>
    public IReadOnlyList<string> ModuleNames => [.. _modules.SelectMany(modules => modules.Select(module => module.Key)).Distinct()];

    /// <summary>What the sources say of a module, those of weight 0 left out, and the shape of the weight; null when none is left.</summary>
    /// <exception cref="LoraMergeException">The sources' shapes differ, or hold NaN.</exception>
    public (MergeModule Module, IReadOnlyList<long> WeightShape)? Read(string name)
    {
        var found = Find(name);
        if (found.Count == 0)
            return null;
        var terms = found.Select(f => (f.Info.Alpha, f.Weight, Factors: f.Reader.ReadFactors(f.Info)))
            .Select(f => new MergeTerm(f.Factors.Up, f.Factors.Down, f.Alpha, f.Weight));
        return (new(name, found[0].Info.KernelSize > 1, [.. terms]), found[0].Info.WeightShape);
    }

    /// <summary>The rank that the exact sum of each module with a weight needs at most.</summary>
    /// <exception cref="LoraMergeException">The sources' shapes differ.</exception>
    public IReadOnlyList<long> ExactRanks() =>
        [.. ModuleNames.Select(Find).Where(found => found.Count > 0).Select(found => found.Sum(f => f.Info.Rank))];

    /// <summary>A metadata value of the first source that has it, or null.</summary>
    public string? FirstValue(string key) => _readers.Select(reader => reader.Metadata.Values.GetValueOrDefault(key)).FirstOrDefault(value => value is not null);

    /// <summary>The sources as a result records them.</summary>
    /// <param name="sha256Of">The hash of a file by its path.</param>
    /// <remarks>An array, since PowerShell cannot take one of what a collection expression makes.</remarks>
    public IReadOnlyList<MergedSource> Record(Func<string, string> sha256Of) =>
        _sources.Select(source => new MergedSource(Path.GetFullPath(source.Path), sha256Of(source.Path), source.Ratio, source.Blocks)).ToArray();

    /// <summary>The model spec of the result.</summary>
    public ModelSpec? Spec(string destinationPath) => LoraModelSpec.For(
        _readers.Select(reader => reader.Family).FirstOrDefault(family => family != ModelFamily.Unknown),
        FirstValue(LoraMetadata.BaseModelVersionKey), destinationPath, [.. _readers.Select(reader => reader.Title)]);

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var reader in _readers)
            reader.Dispose();
    }

    private List<(LoraReader Reader, LoraModuleInfo Info, double Weight)> Find(string name)
    {
        var found = new List<(LoraReader Reader, LoraModuleInfo Info, double Weight)>();
        for (var i = 0; i < _readers.Count; i++)
        {
            if (_sources[i].WeightOf(name) is var weight and not 0)
                found.AddRange(_modules[i][name].Select(info => (_readers[i], info, weight)));
        }

        foreach (var (reader, info, _) in found)
            CheckShape(found[0].Reader, found[0].Info, reader, info);
        return found;
    }

    private void CheckFamilies()
    {
        var known = _readers.Where(reader => reader.Family != ModelFamily.Unknown).ToList();
        if (known.Find(reader => reader.Family != known[0].Family) is { } other)
        {
            throw new LoraMergeException(
                "LoraModelMismatch",
                $"{known[0].Path} is for {known[0].Family.DisplayName()} and {other.Path} for {other.Family.DisplayName()}. LoRAs of different models cannot be merged.",
                other.Path);
        }
    }

    private static void CheckShape(LoraReader first, LoraModuleInfo expected, LoraReader other, LoraModuleInfo found)
    {
        if (!LoraMath.Fits(found.Up.Shape, found.Down.Shape, expected.WeightShape))
        {
            throw new LoraMergeException(
                "LoraModelMismatch",
                $"{expected.Name} changes a weight of [{string.Join(", ", expected.WeightShape)}] in {first.Path} and of [{string.Join(", ", found.WeightShape)}] in {other.Path}. They are for different models.",
                other.Path);
        }
    }
}
