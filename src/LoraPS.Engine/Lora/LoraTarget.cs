using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A layer that gets a pair of low-rank factors.</summary>
/// <param name="Name">Name in LoRA files, such as "lora_unet_mid_block_attentions_0_proj_in".</param>
/// <param name="Part">The model the layer belongs to.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Rank">Width of the bottleneck.</param>
/// <param name="Alpha">Strength; the factors' product is scaled by alpha / rank.</param>
public sealed record LoraTarget(string Name, ModelPart Part, ProjectionLayer Layer, int Rank, double Alpha)
{
    /// <summary>The U-Net's block it lies in, as <see cref="TrainingBlocks"/> numbers them; null outside all blocks.</summary>
    public int? Block { get; init; }

    /// <summary>Number format of the factors.</summary>
    /// <value>Default float32.</value>
    public ScalarType FactorType { get; init; } = ScalarType.Float32;

    /// <summary>Shape of the factor from the input to the bottleneck: [rank, in] or [rank, in, k, k].</summary>
    public long[] DownShape => [Rank, .. Layer.Weight.shape[1..]];

    /// <summary>Shape of the factor from the bottleneck to the output: [out, rank] or [out, rank, 1, 1].</summary>
    public long[] UpShape => [Layer.Weight.shape[0], Rank, .. Enumerable.Repeat(1L, Layer.Weight.shape.Length - 2)];

    /// <summary>Inputs of one output: in, or in · k · k.</summary>
    public long FanIn => Elements(DownShape[1..]);

    /// <summary>Key of the factor from the input to the bottleneck.</summary>
    public string DownKey => Name + ".lora_down.weight";

    /// <summary>Key of the factor from the bottleneck to the output.</summary>
    public string UpKey => Name + ".lora_up.weight";

    /// <summary>Key of the alpha.</summary>
    public string AlphaKey => Name + ".alpha";

    internal static long Elements(long[] shape) => shape.Aggregate(1L, (product, side) => product * side);
}
