using LoraPS.Engine.Training.Configuration;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Training;

/// <summary>What a finished training run left behind.</summary>
/// <param name="Path">The LoRA file.</param>
/// <param name="SavedPaths">LoRA files saved on the way by this call and kept, oldest first.</param>
/// <param name="Steps">Training steps in the whole run.</param>
/// <param name="Epochs">Epochs in the whole run; the last may have been cut short.</param>
/// <param name="AverageLoss">Mean loss of the last steps, as many as an epoch has.</param>
/// <param name="ValidationLoss">Loss on the pictures kept for validation, as it was measured last; null without such.</param>
/// <param name="Seed">The seed used, given or drawn.</param>
/// <param name="ModuleCount">Layers the network adapts.</param>
/// <param name="SkippedPictures">Pictures left out because they could not be read.</param>
/// <param name="Duration">Time this call took.</param>
public sealed record TrainingResult(
    string Path, IReadOnlyList<string> SavedPaths, int Steps, int Epochs, double AverageLoss, double? ValidationLoss, long Seed, int ModuleCount, int SkippedPictures, TimeSpan Duration)
{
    /// <summary>Mean loss of each epoch that this call finished, oldest first.</summary>
    public IReadOnlyList<double> EpochLosses { get; init; } = [];

    /// <summary>Pictures learned from, each counted once.</summary>
    public int Pictures { get; init; }

    /// <summary>Pictures counted as often as they were seen in an epoch.</summary>
    public int ItemsPerEpoch { get; init; }

    /// <summary>Sample pictures that this call made, oldest first.</summary>
    public IReadOnlyList<string> SamplePaths { get; init; } = [];

    /// <summary>All settings of the training, the seed among them.</summary>
    public required TrainingConfig Config { get; init; }

    /// <summary>The log of JSON lines, or null where none was asked for.</summary>
    public string? LogPath { get; init; }

    /// <summary>What the log would tell, where none was asked for.</summary>
    public RunHistory? History { get; init; }
}
