using LoraPS.Engine.Data;
using LoraPS.Engine.Training.Configuration;

namespace LoraPS.Engine.Training;

/// <summary>What a training run will do, known before it starts.</summary>
/// <param name="Pictures">Pictures, each counted once.</param>
/// <param name="ItemsPerEpoch">Pictures counted as often as they are seen in an epoch.</param>
/// <param name="ValidationPictures">Pictures that are kept from training to measure the loss on.</param>
/// <param name="Buckets">Sizes that are trained, with numbers of pictures and batches.</param>
/// <param name="Length">Batches, steps and epochs.</param>
/// <param name="ModuleCount">Layers the network adapts.</param>
/// <param name="ParameterCount">Numbers that are trained.</param>
/// <param name="Memory">Memory it will need, about.</param>
/// <param name="Paths">Files that will be written, in their order; the finished LoRA is the last.</param>
public sealed record TrainingPlan(
    int Pictures, int ItemsPerEpoch, int ValidationPictures, IReadOnlyList<AspectBucket> Buckets, TrainingLength Length, int ModuleCount, long ParameterCount, MemoryEstimate Memory, IReadOnlyList<string> Paths)
{
    /// <summary>Sample pictures that will be made on the way.</summary>
    public int SamplePictures { get; init; }

    /// <summary>All settings of the training.</summary>
    public required TrainingConfig Config { get; init; }
}
