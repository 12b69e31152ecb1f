using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>An open LoRA file: its modules by name, their factors read when asked for.</summary>
/// <remarks>Modules of LoHa and LoKr files are told and read as the LoRA modules of the same change.</remarks>
internal sealed class LoraReader : IDisposable
{
    private const int Shown = 3;

    private readonly SafetensorsFile _file;
    private readonly OrderedDictionary<string, LoraModuleInfo> _modules;
    private readonly OrderedDictionary<string, LycorisModule> _lycoris;
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);

    private LoraReader(SafetensorsFile file, bool strict)
    {
        _file = file;
        _lycoris = ReadLycoris(file, strict);
        var modules = _lycoris.Count > 0 ? [.. _lycoris.Values.Select(module => module.AsFactors)] : LoraModuleInfo.ReadAll(file, strict);
        _modules = new(modules.Select(module => KeyValuePair.Create(module.Name, module)));
        Metadata = new LoraMetadata(file.Metadata);
        Family = ModelFamilies.Of(file.Tensors) is var family and not ModelFamily.Unknown
            ? family
            : ModelFamilies.OfBaseModelVersion(Metadata.BaseModelVersion);
    }

    /// <summary>The path it was opened with.</summary>
    public string Path => _file.Path;

    /// <summary>The title its maker gave it, else the file's name.</summary>
    public string Title => Metadata.Values.GetValueOrDefault(ModelSpec.TitleKey) ?? System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Everything the file says of itself.</summary>
    public LoraMetadata Metadata { get; }

    /// <summary>Which models it is for, by its shapes, else by its metadata.</summary>
    public ModelFamily Family { get; }

    /// <summary>All modules in the order of the file.</summary>
    public IReadOnlyList<LoraModuleInfo> Modules => _modules.Values;

    /// <summary>The types its factors are stored in.</summary>
    public IEnumerable<SafetensorsDType> DTypes => Modules.SelectMany(module => new[] { module.Up.DType, module.Down.DType }).Distinct();

    /// <summary>Tensors that belong to no module; none in a file opened strictly.</summary>
    public IEnumerable<TensorInfo> OtherTensors =>
        _file.Tensors.ExceptBy(Modules.SelectMany(KeysOf).Concat(_leftOut), tensor => tensor.Name);

    /// <summary>Opens a file.</summary>
    /// <param name="path">A LoRA in sd-scripts naming.</param>
    /// <param name="strict">Refuse a file that holds anything else, such as DoRA magnitudes.</param>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="SafetensorsFormatException">The file is not valid safetensors.</exception>
    /// <exception cref="UnrecognisedLoraException">The file is no LoRA, or one of another kind.</exception>
    public static LoraReader Open(string path, bool strict = true)
    {
        var file = LoraFile.Open(path);
        try
        {
            return new LoraReader(file, strict);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Goes on as if modules with NaN or infinite numbers were not in the file, and warns of them.</summary>
    /// <exception cref="LoraMergeException">None is left (error id LoraNotFinite).</exception>
    public void LeaveOutNonFinite(IProgress<EngineEvent>? events)
    {
        TorchRuntime.EnsureLoaded();
        var broken = Modules.Where(module => !IsFinite(module)).ToList();
        foreach (var module in broken)
        {
            _modules.Remove(module.Name);
            _leftOut.UnionWith(KeysOf(module));
        }

        if (broken.Count == 0)
            return;
        var names = $"{string.Join(", ", broken.Take(Shown).Select(module => module.Name))}{(broken.Count > Shown ? " …" : "")}";
        if (_modules.Count == 0)
            throw new LoraMergeException("LoraNotFinite", $"{Path}: all {broken.Count} modules hold NaN or infinite numbers: {names}. Take an earlier save of this LoRA.", Path);
        events?.Report(new WarningEvent("LoraModulesNotFinite", $"{Path}: {broken.Count} modules hold NaN or infinite numbers and are left out: {names}.", Path));
    }

    /// <summary>A module by its name, or null.</summary>
    public LoraModuleInfo? Find(string name) => _modules.GetValueOrDefault(name);

    private static OrderedDictionary<string, LycorisModule> ReadLycoris(SafetensorsFile file, bool strict)
    {
        var modules = LycorisModule.ReadAll(file);
        if (strict && modules.Count > 0 && file.Tensors.Select(tensor => tensor.Name).Except(modules.SelectMany(module => module.Keys)).ToList() is { Count: > 0 } others)
            throw new UnrecognisedLoraException(file.Path, others);
        return new(modules.Select(module => KeyValuePair.Create(module.Name, module)));
    }

    private (Tensor Up, Tensor Down) ReadUnchecked(LoraModuleInfo module) => _lycoris.TryGetValue(module.Name, out var lycoris)
        ? lycoris.Factors(_file)
        : (_file.Read(module.Up.Name).flatten(1), _file.Read(module.Down.Name).flatten(1));

    /// <summary>A tensor as it is in the file.</summary>
    public Tensor Read(string name) => _file.Read(name);

    /// <summary>The factors of a module as matrices, up [out, r] and down [r, in·k·k], in the file's type.</summary>
    /// <exception cref="LoraMergeException">A number of the module is NaN or infinite.</exception>
    public (Tensor Up, Tensor Down) ReadFactors(LoraModuleInfo module)
    {
        var (up, down) = ReadUnchecked(module);
        if (!double.IsFinite(module.Alpha) || !Finite.All(up) || !Finite.All(down))
            throw NotFinite(module);
        return (up, down);
    }

    /// <summary>The change of a LoHa or LoKr module without its strength, some rows at a time; null for a LoRA module, whose factors say it best.</summary>
    /// <param name="module">The module.</param>
    /// <returns>Gives the rows from the first on, [count, in·k·k], float32.</returns>
    /// <exception cref="LoraMergeException">A number of the module is NaN or infinite.</exception>
    public Func<long, long, Tensor>? RowsOf(LoraModuleInfo module)
    {
        if (!_lycoris.TryGetValue(module.Name, out var lycoris))
            return null;
        if (!double.IsFinite(module.Alpha) || !lycoris.Keys.All(key => Finite.All(_file.Read(key))))
            throw NotFinite(module);
        return lycoris.Rows(_file);
    }

    private LoraMergeException NotFinite(LoraModuleInfo module) => new(
        "LoraNotFinite", $"{Path}: {module.Name} holds NaN or infinite numbers. Nothing can be computed from it; take an earlier save of this LoRA.", Path);

    private IReadOnlyList<string> KeysOf(LoraModuleInfo module) => _lycoris.TryGetValue(module.Name, out var lycoris)
        ? lycoris.Keys
        : [module.Up.Name, module.Down.Name, module.Name + KohyaNames.AlphaSuffix];

    private bool IsFinite(LoraModuleInfo module)
    {
        using var scope = NewDisposeScope();
        var (up, down) = ReadUnchecked(module);
        return double.IsFinite(module.Alpha) && Finite.All(up) && Finite.All(down);
    }

    /// <summary>Closes the file. Tensors read from it stay valid.</summary>
    public void Dispose() => _file.Dispose();
}
