using LoraPS.Engine.Data;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.UNet;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>About how much memory a training needs, known before it starts.</summary>
/// <remarks>
/// Weights and trained numbers are exact. What a forward pass keeps for the way back is counted by level of the U-Net from the
/// tensors that each of its blocks keeps; what the libraries need for themselves is not in it.
/// </remarks>
/// <param name="Model">U-Net, text encoder and VAE, bytes.</param>
/// <param name="Trained">Trained numbers with their gradients and what the optimizer remembers of each, bytes.</param>
/// <param name="Activations">What the largest batch keeps on the way through the U-Net, bytes.</param>
public sealed record MemoryEstimate(long Model, long Trained, long Activations)
{
    // Tensors of a level's size that autograd keeps: of a resnet the inputs of two norms, two activations, two convolutions
    // and the sum; of a transformer block three norms, the attentions' and MLP's inputs and outputs, and 4 + 4 + 8 parts of it.
    private const int TensorsOfResnet = 8;
    private const int TensorsOfTransformer = 32;
    private const int OptimizerNumbers = 2;
    private const int Float32 = 4;

    /// <summary>All of it, bytes.</summary>
    public long Total => Model + Trained + Activations;

    /// <summary>Estimates a run.</summary>
    /// <param name="model">The model; its weights may be on the meta device.</param>
    /// <param name="dataset">The pictures.</param>
    /// <param name="options">How to train.</param>
    /// <param name="parameterCount">Numbers that are trained.</param>
    internal static MemoryEstimate Of(StableDiffusionModel model, LoraDataset dataset, TrainingOptions options, long parameterCount)
    {
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
        double kept = 0;
        for (var level = 0; level < unet.Levels.Count; level++)
        {
            var (channels, _, transformers) = unet.Levels[level];
            // Down, and up with one more; the middle counts as one at the last level.
            var blocks = (2 * unet.LayersPerBlock) + 1 + (level == unet.Levels.Count - 1 ? 2 : 0);
            var each = checkpointing ? 1 + transformers : TensorsOfResnet + (transformers * TensorsOfTransformer);
            kept += blocks * each * channels / Math.Pow(4, level);
        }

        return (long)kept;
    }

    private static long Count(nn.Module network) => network.parameters().Sum(parameter => parameter.NumberOfElements);
}
