namespace LoraPS.Engine.Training;

/// <summary>What a finished training run left behind.</summary>
/// <param name="Path">The LoRA file.</param>
/// <param name="EpochPaths">LoRA files saved after earlier epochs by this call, oldest first.</param>
/// <param name="Steps">Training steps in the whole run.</param>
/// <param name="Epochs">Epochs in the whole run; the last may have been cut short.</param>
/// <param name="AverageLoss">Mean loss of the last steps, as many as an epoch has.</param>
/// <param name="Seed">The seed used, given or drawn.</param>
/// <param name="ModuleCount">Layers the network adapts.</param>
/// <param name="SkippedPictures">Pictures left out because they could not be read.</param>
/// <param name="Duration">Time this call took.</param>
public sealed record TrainingResult(
    string Path, IReadOnlyList<string> EpochPaths, int Steps, int Epochs, double AverageLoss, long Seed, int ModuleCount, int SkippedPictures, TimeSpan Duration);
