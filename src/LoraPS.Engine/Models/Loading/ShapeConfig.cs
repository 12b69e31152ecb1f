using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Models.Loading;

/// <summary>Sizes of networks as the shapes of their tensors show them.</summary>
/// <remarks>
/// What a shape does not show follows Stable Diffusion 1: eight attention heads everywhere in the U-Net; in the text
/// encoder heads of 64 features, but four heads at least; quick GELU. Where a tensor is missing the full-size value
/// stands, so that the comparison which follows can tell all that is missing.
/// </remarks>
internal static class ShapeConfig
{
    private const int UNetHeads = 8;
    private const int TextHeadDim = 64;
    private const int MinimumTextHeads = 4;

    public static StableDiffusionConfig Infer(IReadOnlyDictionary<ModelPart, Dictionary<string, StoredTensor>> parts) => new(
        UNet(new ShapeTable(parts[ModelPart.UNet])),
        Vae(new ShapeTable(parts[ModelPart.Vae])),
        TextEncoder(new ShapeTable(parts[ModelPart.TextEncoder])));

    private static UNetConfig UNet(ShapeTable shapes)
    {
        var full = UNetConfig.V15;
        var levels = Enumerable.Range(0, shapes.Count("down_blocks")).Select(i => new UNetLevel(
            shapes.Size($"down_blocks.{i}.resnets.0.conv1.weight", 0, full.Levels[Math.Min(i, full.Levels.Count - 1)].Channels),
            UNetHeads,
            shapes.Count($"down_blocks.{i}.attentions.0.transformer_blocks"))).ToList();
        return full with
        {
            InChannels = shapes.Size("conv_in.weight", 1, full.InChannels),
            OutChannels = shapes.Size("conv_out.weight", 0, full.OutChannels),
            Levels = levels.Count > 0 ? levels : full.Levels,
            MidTransformerLayers = Math.Max(shapes.Count("mid_block.attentions.0.transformer_blocks"), 1),
            CrossAttentionDim = shapes.Size("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", 1, full.CrossAttentionDim),
        };
    }

    public static VaeConfig Vae(ShapeTable shapes)
    {
        var full = VaeConfig.V15;
        var channels = Enumerable.Range(0, shapes.Count("encoder.down_blocks"))
            .Select(i => shapes.Size($"encoder.down_blocks.{i}.resnets.0.conv1.weight", 0, full.Channels[Math.Min(i, full.Channels.Count - 1)])).ToList();
        return full with
        {
            ImageChannels = shapes.Size("encoder.conv_in.weight", 1, full.ImageChannels),
            LatentChannels = shapes.Size("post_quant_conv.weight", 0, full.LatentChannels),
            Channels = channels.Count > 0 ? channels : full.Channels,
        };
    }

    private static ClipTextConfig TextEncoder(ShapeTable shapes)
    {
        const string embeddings = "text_model.embeddings", layers = "text_model.encoder.layers";
        var full = ClipTextConfig.V15;
        var hidden = shapes.Size($"{embeddings}.token_embedding.weight", 1, full.HiddenSize);
        return full with
        {
            VocabularySize = shapes.Size($"{embeddings}.token_embedding.weight", 0, full.VocabularySize),
            MaxPositions = shapes.Size($"{embeddings}.position_embedding.weight", 0, full.MaxPositions),
            HiddenSize = hidden,
            IntermediateSize = shapes.Size($"{layers}.0.mlp.fc1.weight", 0, full.IntermediateSize),
            Layers = shapes.Count(layers) is > 0 and var count ? count : full.Layers,
            Heads = Math.Max(hidden / TextHeadDim, MinimumTextHeads),
        };
    }
}
