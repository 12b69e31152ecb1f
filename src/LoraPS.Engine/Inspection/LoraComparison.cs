using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Inspection;

/// <summary>Compares what two LoRA files do to a model, whatever their ranks, alphas and types.</summary>
/// <remarks>
/// Nothing of a weight's size is built. With up·down = Q₁(R₁R₂ᵀ)Q₂ᵀ a norm is that of the small core, also that of a difference,
/// whose factors are put side by side; and ⟨u₁d₁, u₂d₂⟩ is the sum of u₁ᵀu₂ ∘ d₁d₂ᵀ. All in float64.
/// </remarks>
public static class LoraComparison
{
    /// <summary>Compares.</summary>
    /// <param name="path">A LoRA in sd-scripts naming; differences are told relative to it.</param>
    /// <param name="otherPath">Another.</param>
    /// <param name="events">Told how far the work is.</param>
    /// <param name="cancellationToken">Asked before each module.</param>
    /// <exception cref="LoraMergeException">A file holds NaN or infinite numbers (LoraNotFinite).</exception>
    /// <exception cref="UnrecognisedLoraException">A file holds no LoRA module.</exception>
    /// <exception cref="MissingFileException">There is no such file (error id LoraFileNotFound).</exception>
    /// <exception cref="SafetensorsFormatException">A file is damaged.</exception>
    public static LoraComparisonResult Compare(
        string path, string otherPath, IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        using var first = LoraReader.Open(path, strict: false);
        using var second = LoraReader.Open(otherPath, strict: false);
        TorchRuntime.EnsureLoaded();
        var shared = first.Modules.Where(module => second.Find(module.Name) is not null).ToList();
        var comparisons = new List<ModuleComparison>(shared.Count);
        var incomparable = new List<string>();
        foreach (var module in shared)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events?.Report(new ProgressEvent("Comparing", module.Name, (double)comparisons.Count / shared.Count));
            var other = second.Find(module.Name)!;
            if (LoraMath.Fits(other.Up.Shape, other.Down.Shape, module.WeightShape))
                comparisons.Add(Compare(first, module, second, other));
            else
                incomparable.Add(module.Name);
        }

        return new(
            Path.GetFullPath(path), Path.GetFullPath(otherPath), comparisons,
            OnlyIn(first, second), OnlyIn(second, first), incomparable);
    }

    private static List<string> OnlyIn(LoraReader reader, LoraReader other) =>
        [.. reader.Modules.Select(module => module.Name).Where(name => other.Find(name) is null)];

    private static ModuleComparison Compare(LoraReader first, LoraModuleInfo module, LoraReader second, LoraModuleInfo other)
    {
        using var scope = NewDisposeScope();
        var ((up, down), (otherUp, otherDown)) = (Scaled(first, module), Scaled(second, other));
        var areEqual = Same(up, otherUp) && Same(down, otherDown);
        var distance = areEqual ? 0 : Norm(cat([up, otherUp.neg()], 1), cat([down, otherDown], 0));
        var inner = (up.t().matmul(otherUp) * down.matmul(otherDown.t())).sum().item<double>();
        return new(module.Name, module.Rank, other.Rank, Norm(up, down), Norm(otherUp, otherDown), distance, inner);
    }

    private static (Tensor Up, Tensor Down) Scaled(LoraReader reader, LoraModuleInfo module)
    {
        var (up, down) = reader.ReadFactors(module);
        return (up.to(float64).Times(LoraMath.Scale(module.Alpha, module.Rank)), down.to(float64));
    }

    private static bool Same(Tensor a, Tensor b) => a.shape.AsSpan().SequenceEqual(b.shape) && a.eq(b).all().item<bool>();

    private static double Norm(Tensor up, Tensor down) =>
        Math.Sqrt(linalg.qr(up).R.matmul(linalg.qr(down.t()).R.t()).Squared().sum().item<double>());
}
