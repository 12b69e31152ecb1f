using LoraPS.Engine.Models.Layers;

namespace LoraPS.Engine.Models.UNet;

/// <summary>Sizes of a U-Net. The defaults are those of Stable Diffusion 1.5.</summary>
/// <remarks>
/// Follows unet/config.json of stable-diffusion-v1-5 as diffusers UNet2DConditionModel reads it
/// (src/diffusers/models/unets/unet_2d_condition.py@58eb52c).
/// </remarks>
public sealed record UNetConfig
{
    /// <summary>Stable Diffusion 1.5.</summary>
    public static UNetConfig V15 { get; } = new();

    /// <value>Channels of the latents that come in; default 4.</value>
    public int InChannels { get; init; } = 4;

    /// <value>Channels of the prediction; default 4.</value>
    public int OutChannels { get; init; } = 4;

    /// <value>The resolutions, finest first; each but the last halves the sides.</value>
    public IReadOnlyList<UNetLevel> Levels { get; init; } = [new(320, 8, 1), new(640, 8, 1), new(1280, 8, 1), new(1280, 8, 0)];

    /// <value>Transformer blocks in the middle; default 1. Their heads are those of the last level.</value>
    public int MidTransformerLayers { get; init; } = 1;

    /// <value>Resnets a level on the way down; one more on the way up. Default 2.</value>
    public int LayersPerBlock { get; init; } = 2;

    /// <value>Width of the text states; default 768.</value>
    public int CrossAttentionDim { get; init; } = 768;

    /// <value>True if the transformers' outer projections are matrices, false if 1x1 convolutions; default false.</value>
    public bool UseLinearProjection { get; init; }

    /// <value>Group norm of the resnets and of the output; default 32 groups, 1e-5.</value>
    public NormOptions Norm { get; init; } = new();

    /// <value>Width of the time embedding inside the resnets: four times the first level's channels.</value>
    public int TimeEmbeddingDim => 4 * Levels[0].Channels;
}
