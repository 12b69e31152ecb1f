using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Writes a LoRA's ratio and block weights into its numbers, so that it has them wherever it is loaded.</summary>
/// <remarks>
/// Each module's up is multiplied by its weight; rank, alpha, down and the metadata stay. Modules of weight 0 are left out. What
/// was done is recorded under <c>loraps.merge</c>.
/// </remarks>
public static class LoraWeighter
{
    private const string MethodName = "Weights";

    /// <summary>Writes a weighted LoRA.</summary>
    /// <param name="source">A LoRA in sd-scripts naming, with the weights to write.</param>
    /// <param name="destinationPath">The LoRA to write, whole or not at all.</param>
    /// <param name="options">Form; null for the defaults.</param>
    /// <param name="cancellationToken">Asked before each module.</param>
    /// <exception cref="ArgumentException">The ratio is not a finite number.</exception>
    /// <exception cref="LoraMergeException">The file holds NaN, every module has weight 0, or the result does not fit its type.</exception>
    /// <exception cref="UnrecognisedLoraException">The file is no LoRA, or one of a kind that has no factors.</exception>
    /// <exception cref="SafetensorsFormatException">The file is damaged.</exception>
    /// <exception cref="DestinationExistsException">The destination exists and may not be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same destination.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static LoraResult Write(
        LoraSource source, string destinationPath, LoraWeightOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new();
        using var claim = Destination.Claim(destinationPath, options.Force);
        TorchRuntime.EnsureLoaded();
        using var sources = new LoraSourceSet([source]);
        using var reader = LoraReader.Open(source.Path);
        var dtype = options.SaveDType ?? LoraOutput.TypeFor(reader.DTypes);
        using var output = new LoraOutput(destinationPath, dtype);
        var reports = new List<ModuleReport>();
        foreach (var module in reader.Modules)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (source.WeightOf(module.Name) is var weight and not 0)
                reports.Add(Weigh(reader, module, weight, output));
        }

        if (reports.Count == 0)
            throw new LoraMergeException("LoraMergeEmpty", $"Every module of {source.Path} has weight 0, so there is nothing to write. Check ratio and block weights.", source.Path);
        var metadata = new OrderedDictionary<string, string>(reader.Metadata.Values)
        {
            [MergeRecord.Key] = MergeRecord.ToJson(MethodName, options, sources.Record(ModelHashes.Sha256)),
        };
        return new(Path.GetFullPath(destinationPath), reports, dtype, output.Write(metadata, spec: null));
    }

    private static ModuleReport Weigh(LoraReader reader, LoraModuleInfo module, double weight, LoraOutput output)
    {
        using var scope = NewDisposeScope();
        var (up, down) = reader.ReadFactors(module);
        var weighted = up.to(float32).Times(weight);
        output.Add(module.Name, module.WeightShape, weighted, down, module.Alpha);
        var norm = Math.Abs(LoraMath.Scale(module.Alpha, module.Rank)) * LowRank.Norm(weighted, down);
        return new(module.Name, module.KernelSize > 1, (int)module.Rank, module.Alpha, norm, RelativeError: 0);
    }
}
