using LoraPS.Engine.Data;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.UNet;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>About how much memory a training needs, known before it starts.</summary>
/// <remarks>
/// Weights and trained numbers are exact. What a forward pass keeps for the way back, with passing tensors and the libraries
/// themselves, is counted by level of the U-Net in tensors of the level's size. How many these are was measured: a step of
/// Stable Diffusion 1.5 at 512×512, batch 1, float32, on a CPU took 7.3 GB at its peak.
/// </remarks>
/// <param name="Model">U-Net, text encoder and VAE, bytes.</param>
/// <param name="Trained">Trained numbers with their gradients and what the optimizer remembers of each, bytes.</param>
/// <param name="Activations">What the largest batch keeps on the way through the U-Net, bytes.</param>
public sealed record MemoryEstimate(long Model, long Trained, long Activations)
{
    private const int TensorsOfResnet = 12;
    private const int TensorsOfTransformer = 48;
    private const int OptimizerNumbers = 2;
    private const int Float32 = 4;

    /// <summary>All of it, bytes.</summary>
    public long Total => Model + Trained + Activations;

    /// <summary>Estimates a run.</summary>
    /// <param name="model">The model; its weights may be on the meta device.</param>
    /// <param name="dataset">The pictures.</param>
    /// <param name="options">How to train.</param>
    /// <param name="parameterCount">Numbers that are trained.</param>
    public static MemoryEstimate Of(StableDiffusionModel model, LoraDataset dataset, TrainingOptions options, long parameterCount)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        var size = options.Precision.ModelType() == ScalarType.Float32 ? Float32 : Float32 / 2;
        var weights = (Count(model.UNet) + Count(model.TextEncoder)) * size;
        var pixels = dataset.Groups.SelectMany(group => group.Buckets.Select(
            bucket => Math.Min(group.Options.BatchSize, bucket.ItemCount) * (long)bucket.Size.Width * bucket.Size.Height)).Max();
        var latents = pixels / (model.Config.Vae.Downscale * model.Config.Vae.Downscale);
        var trainedSize = options.Precision.IsFull() ? size : Float32;
        return new(
            weights + (Count(model.Vae) * Float32),
            parameterCount * (trainedSize + trainedSize + (OptimizerNumbers * Float32)),
            Kept(model.Config.UNet, options.GradientCheckpointing) * latents * size);
    }

    /// <summary>Numbers kept for each place of the latents.</summary>
    private static long Kept(UNetConfig unet, bool checkpointing)
    {
        double kept = 0, largest = 0;
        for (var level = 0; level < unet.Levels.Count; level++)
        {
            var (channels, _, transformers) = unet.Levels[level];
            // Down, and up with one more; the middle counts as one at the last level.
            var blocks = (2 * unet.LayersPerBlock) + 1 + (level == unet.Levels.Count - 1 ? 2 : 0);
            var inside = (TensorsOfResnet + (transformers * TensorsOfTransformer)) * channels / Math.Pow(4, level);
            // With checkpointing blocks keep what goes into them, and one at a time is computed again.
            kept += checkpointing ? blocks * (1 + transformers) * channels / Math.Pow(4, level) : blocks * inside;
            largest = Math.Max(largest, inside);
        }

        return (long)(checkpointing ? kept + largest : kept);
    }

    private static long Count(nn.Module network) => network.parameters().Sum(parameter => parameter.NumberOfElements);
}
