using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>What of the difference of two models a LoRA leaves out.</summary>
/// <param name="keepsTextEncoder">False when the text encoder counts as unchanged.</param>
internal sealed class ModelChange(bool keepsTextEncoder)
{
    private const int Shown = 3;

    private readonly List<string> _uncovered = [];
    private double _energy;
    private bool _vaeDiffers;

    /// <summary>Tensors of U-Net and text encoder that differ and are left out.</summary>
    public IReadOnlyList<string> Uncovered => _uncovered;

    /// <summary>Largest difference of one number in the weights of the text encoder that a LoRA has modules for.</summary>
    public static double LargestInTextEncoder(ModelPair models, bool convolutions, CancellationToken cancellationToken)
    {
        var largest = 0.0;
        foreach (var (_, original, tuned) in models.Weights.Where(weight => weight.Original.Part?.IsTextEncoder() == true))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!original.Modules.Any(rows => KohyaNames.IsAdapted(rows.Module, convolutions)))
                continue;
            using var scope = NewDisposeScope();
            largest = Math.Max(largest, ModelPair.Difference(original, tuned).abs().max().item<float>());
        }

        return largest;
    }

    /// <summary>True if the tensor's network is taken.</summary>
    public bool Keeps(ModelTensor tensor) => keepsTextEncoder || tensor.Part?.IsTextEncoder() != true;

    /// <summary>Counts a tensor that is left out, if it differs.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="energy">The square of the difference's Frobenius norm.</param>
    public void AddUncovered(string name, ModelTensor tensor, double energy)
    {
        if (energy == 0)
            return;
        if (tensor.Part == ModelPart.Vae)
        {
            _vaeDiffers = true;
            return;
        }

        _uncovered.Add(name);
        _energy += energy;
    }

    /// <summary>Share of the Frobenius norm of the whole difference that is left out.</summary>
    public double UncoveredShare(IEnumerable<ModuleReport> covered) =>
        _energy == 0 ? 0 : Math.Sqrt(_energy / (_energy + covered.Sum(module => module.Norm * module.Norm)));

    /// <summary>Tells what is left out.</summary>
    public void Warn(IProgress<EngineEvent>? events, ModelPair models, double textEncoder, double minDifference)
    {
        var tunedPath = models.Tuned.Path;
        if (models.Weights.All(weight => weight.Original.Part?.IsTextEncoder() != true))
            events?.Report(new WarningEvent("TextEncoderMissing", $"{tunedPath} and {models.Original.Path} have no text encoder in common under names that are known; the LoRA is of the U-Net alone.", tunedPath));
        if (!keepsTextEncoder && textEncoder > 0)
        {
            events?.Report(new WarningEvent(
                "TextEncoderUnchanged", $"{tunedPath}: no weight of the text encoder differs by more than {minDifference:g4} (the most is {textEncoder:g4}), so it is left out. Lower the minimal difference to keep it.", tunedPath));
        }

        if (_uncovered.Count > 0)
        {
            events?.Report(new WarningEvent(
                "DifferencesUncovered", $"{tunedPath}: {_uncovered.Count} tensors differ that are in no module of the LoRA: {string.Join(", ", _uncovered.Take(Shown))}{(_uncovered.Count > Shown ? " …" : "")}.", tunedPath));
        }

        if (_vaeDiffers)
            events?.Report(new WarningEvent("VaeDiffers", $"{tunedPath}: its VAE differs too, which no LoRA can hold.", tunedPath));
    }
}
