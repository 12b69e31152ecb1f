using System.Globalization;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Brings a LoRA to another rank, keeping its strongest directions and its strength.</summary>
/// <remarks>
/// Follows sd-scripts networks/resize_lora.py@48d368fa: up·down is decomposed without its scale, and the new alpha is scale
/// times the new rank. It differs in how (<see cref="LowRank"/> instead of a full decomposition) and in what the metadata
/// says of mixed files: the numbers of plain modules, not of the last one.
/// </remarks>
public static class LoraResizer
{
    /// <summary>Resizes a file.</summary>
    /// <param name="path">A LoRA in sd-scripts naming. Tensors of other kinds are copied, with a warning.</param>
    /// <param name="destinationPath">The LoRA to write, whole or not at all.</param>
    /// <param name="options">Ranks and form; null for rank 4.</param>
    /// <param name="events">Told how far the work is.</param>
    /// <param name="cancellationToken">Asked before each module.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rank is below 1 or the threshold outside its range.</exception>
    /// <exception cref="LoraMergeException">The file holds NaN, or the result does not fit its type.</exception>
    /// <exception cref="UnrecognisedLoraException">The file holds no LoRA module.</exception>
    /// <exception cref="SafetensorsFormatException">The file is damaged.</exception>
    /// <exception cref="DestinationExistsException">The destination exists and may not be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same destination.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static LoraResult Resize(
        string path,
        string destinationPath,
        LoraResizeOptions? options = null,
        IProgress<EngineEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        using var claim = Destination.Claim(destinationPath, options.Force);
        var rule = RankRule.Create(options.Criterion, options.Threshold, options.Rank);
        var convRule = rule.WithLimit(options.ConvRank ?? options.Rank);
        TorchRuntime.EnsureLoaded();
        using var source = LoraReader.Open(path, strict: false);
        if (options.SkipNonFinite)
            source.LeaveOutNonFinite(events);
        var dtype = options.SaveDType ?? LoraOutput.TypeFor(source.DTypes);
        using var output = new LoraOutput(destinationPath, dtype);
        var reports = new List<ModuleReport>();
        foreach (var resized in OrderedWork.Map(source.Modules, module => ResizeOne(source, module, IsConvolution(module) ? convRule : rule), cancellationToken))
        {
            events?.Report(new ProgressEvent("Resizing", resized.Report.Name, (double)reports.Count / source.Modules.Count));
            output.Add(resized);
            reports.Add(resized.Report);
        }

        KeepOthers(source, output, events);
        var hashes = output.Write(Metadata(source, options, reports), spec: null);
        return new(Path.GetFullPath(destinationPath), reports, dtype, hashes);
    }

    private static FinishedModule ResizeOne(LoraReader source, LoraModuleInfo module, RankRule rule)
    {
        using var scope = NewDisposeScope();
        var (up, down) = Read(source, module);
        var factors = LowRank.Compress(up, down, rule);
        var scale = LoraMath.Scale(module.Alpha, module.Rank);
        var report = new ModuleReport(
            module.Name, IsConvolution(module), factors.Rank, scale * factors.Rank,
            Math.Abs(scale) * Math.Sqrt(factors.Spectrum.Energy), factors.RelativeError);
        return FinishedModule.Of(report, module.WeightShape, factors.Up, factors.Down);
    }

    // An open file is not for several threads at once.
    private static (Tensor Up, Tensor Down) Read(LoraReader source, LoraModuleInfo module)
    {
        lock (source)
            return source.ReadFactors(module);
    }

    private static bool IsConvolution(LoraModuleInfo module) => module.Down.Shape.Count == 4;

    private static void KeepOthers(LoraReader source, LoraOutput output, IProgress<EngineEvent>? events)
    {
        var others = source.OtherTensors.ToList();
        foreach (var tensor in others)
            output.Keep(tensor.Name, source.Read(tensor.Name));
        if (others.Count > 0)
        {
            events?.Report(new WarningEvent(
                "TensorsCopied", $"{source.Path}: {others.Count} tensors are no part of a LoRA module and were copied unchanged, {others[0].Name} first. DoRA magnitudes no longer fit exactly.", source.Path));
        }
    }

    private static OrderedDictionary<string, string> Metadata(LoraReader source, LoraResizeOptions options, List<ModuleReport> modules)
    {
        var metadata = new OrderedDictionary<string, string>(source.Metadata.Values);
        NetworkMetadata.Describe(metadata, modules);
        var before = source.Modules.Max(module => module.Rank);
        string done;
        if (options.Criterion == RankCriterion.Fixed)
        {
            var conv = options.ConvRank is { } rank ? string.Create(CultureInfo.InvariantCulture, $" (conv: {rank})") : "";
            done = string.Create(CultureInfo.InvariantCulture, $"dimension is resized from {before} to {options.Rank}{conv}; ");
        }
        else
        {
            metadata[LoraMetadata.NetworkDimKey] = metadata[LoraMetadata.NetworkAlphaKey] = NetworkMetadata.Differing;
            done = string.Create(CultureInfo.InvariantCulture, $"Dynamic resize with {Token(options.Criterion)}: {PythonText.Of(options.Threshold)} from {before}; ");
        }

        metadata[LoraMetadata.CommentKey] = done + metadata.GetValueOrDefault(LoraMetadata.CommentKey);
        return metadata;
    }

    private static string Token(RankCriterion criterion) => criterion switch
    {
        RankCriterion.SvRatio => "sv_ratio",
        RankCriterion.SvFro => "sv_fro",
        _ => "sv_cumulative",
    };
}
