using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Inspection;

/// <summary>Measures a LoRA file: norms, singular values and used ranks, module by module.</summary>
/// <remarks>
/// Singular values are those of the weight difference itself, found without building it (<see cref="LowRank"/>). The factors'
/// mean and least magnitudes are the numbers sd-scripts networks/check_lora_weights.py@48d368fa prints.
/// </remarks>
public static class LoraMeasure
{
    /// <summary>Measures a file.</summary>
    /// <param name="path">A LoRA in sd-scripts naming; tensors of other kinds are passed over.</param>
    /// <param name="events">Told how far the work is.</param>
    /// <param name="cancellationToken">Asked before each module.</param>
    /// <exception cref="LoraMergeException">The file holds NaN or infinite numbers (LoraNotFinite).</exception>
    /// <exception cref="UnrecognisedLoraException">The file holds no LoRA module.</exception>
    /// <exception cref="MissingFileException">There is no such file (error id LoraFileNotFound).</exception>
    /// <exception cref="SafetensorsFormatException">The file is damaged.</exception>
    public static LoraMeasurement Measure(string path, IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        using var source = LoraReader.Open(path, strict: false);
        TorchRuntime.EnsureLoaded();
        var modules = new List<ModuleMeasurement>(source.Modules.Count);
        foreach (var module in source.Modules)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events?.Report(new ProgressEvent("Measuring", module.Name, (double)modules.Count / source.Modules.Count));
            modules.Add(Measure(source, module));
        }

        return new(Path.GetFullPath(path), modules);
    }

    private static ModuleMeasurement Measure(LoraReader source, LoraModuleInfo module)
    {
        using var scope = NewDisposeScope();
        var (up, down) = source.ReadFactors(module);
        var scale = Math.Abs(LoraMath.Scale(module.Alpha, module.Rank));
        return new(
            module.Name, module.Rank, module.Alpha, module.WeightShape, Measure(module.Down, down), Measure(module.Up, up),
            LowRank.Spectrum(up, down).Values.Select(value => scale * value).ToArray());
    }

    private static FactorMeasurement Measure(TensorInfo info, Tensor factor)
    {
        var magnitudes = factor.to(float64).abs();
        return new(
            info.Name, info.Shape, Math.Sqrt(magnitudes.Squared().sum().item<double>()), magnitudes.mean().item<double>(),
            magnitudes.min().item<double>(), magnitudes.max().item<double>());
    }
}
