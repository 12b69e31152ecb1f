using System.Globalization;

namespace LoraPS.Engine.Training;

/// <summary>The files of a run; all lie beside the finished LoRA and are named after it.</summary>
/// <remarks>Names as sd-scripts gives them: <c>cat-000002.safetensors</c> after epoch 2, <c>cat-step00000100.safetensors</c> after step 100.</remarks>
public sealed class TrainingPaths
{
    private const string Extension = ".safetensors";
    private readonly string _stem;

    /// <summary>Derives the names.</summary>
    /// <param name="destinationPath">The finished LoRA; ".safetensors" is added where it is missing.</param>
    public TrainingPaths(string destinationPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(destinationPath);
        var full = Path.GetFullPath(destinationPath);
        _stem = full.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? full[..^Extension.Length] : full;
        Final = full == _stem ? _stem + Extension : full;
    }

    /// <summary>The finished LoRA.</summary>
    public string Final { get; }

    /// <summary>The state to resume from.</summary>
    public string State => _stem + ".state" + Extension;

    /// <summary>Name of the LoRA, without folder and extension.</summary>
    public string Name => Path.GetFileName(_stem);

    /// <summary>The LoRA as it was after an epoch.</summary>
    /// <param name="epoch">Number of the epoch, from 1.</param>
    public string Epoch(int epoch) => string.Create(CultureInfo.InvariantCulture, $"{_stem}-{epoch:000000}{Extension}");

    /// <summary>The LoRA as it was when the run was stopped.</summary>
    /// <param name="step">Steps done.</param>
    public string Step(int step) => string.Create(CultureInfo.InvariantCulture, $"{_stem}-step{step:00000000}{Extension}");
}
