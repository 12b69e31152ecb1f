using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;

namespace LoraPS.Engine.Models.Loading;

/// <summary>Sizes of networks as the config.json files of a diffusers folder give them.</summary>
internal static class FolderConfig
{
    private const string AttentionDown = "CrossAttnDownBlock2D";
    private const string PlainDown = "DownBlock2D";

    public static UNetConfig UNet(ConfigJson json)
    {
        var channels = json.Ints("block_out_channels");
        var hasAttention = json.Strings("down_block_types").Select(type => type switch
        {
            AttentionDown => true,
            PlainDown => false,
            _ => throw json.Wrong("down_block_types", $"made of {AttentionDown} and {PlainDown}", type),
        }).ToList();
        if (hasAttention.Count != channels.Count)
            throw json.Wrong("down_block_types", $"{channels.Count} long, like block_out_channels", $"{hasAttention.Count}");

        // diffusers calls the number of heads "attention_head_dim" in these files, a slip it keeps for compatibility.
        var heads = json.IntPerLevel(json.Has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim", channels.Count);
        var layers = json.IntPerLevel("transformer_layers_per_block", channels.Count, fallback: 1);
        return new UNetConfig
        {
            InChannels = json.Int("in_channels", 4),
            OutChannels = json.Int("out_channels", 4),
            Levels = [.. channels.Select((count, i) => new UNetLevel(count, heads[i], hasAttention[i] ? layers[i] : 0))],
            MidTransformerLayers = layers[^1],
            LayersPerBlock = json.Count("layers_per_block", 2),
            CrossAttentionDim = json.Int("cross_attention_dim"),
            UseLinearProjection = json.Bool("use_linear_projection", false),
            Norm = new NormOptions(json.Int("norm_num_groups", 32), json.Double("norm_eps", 1e-5)),
        };
    }

    public static VaeConfig Vae(ConfigJson json) => new()
    {
        ImageChannels = json.Int("in_channels", 3),
        LatentChannels = json.Int("latent_channels", 4),
        Channels = json.Ints("block_out_channels"),
        LayersPerBlock = json.Count("layers_per_block", 2),
        Norm = VaeConfig.V15.Norm with { Groups = json.Int("norm_num_groups", 32) },
        ScalingFactor = json.Double("scaling_factor", VaeConfig.V15.ScalingFactor),
    };

    public static ClipTextConfig TextEncoder(ConfigJson json) => new()
    {
        VocabularySize = json.Int("vocab_size", ClipTextConfig.V15.VocabularySize),
        MaxPositions = json.Int("max_position_embeddings", ClipTextConfig.V15.MaxPositions),
        HiddenSize = json.Int("hidden_size"),
        IntermediateSize = json.Int("intermediate_size"),
        Layers = json.Count("num_hidden_layers"),
        Heads = json.Int("num_attention_heads"),
        Activation = json.String("hidden_act", "quick_gelu") switch
        {
            "quick_gelu" => ClipActivation.QuickGelu,
            "gelu" => ClipActivation.Gelu,
            var other => throw json.Wrong("hidden_act", "quick_gelu or gelu", other),
        },
    };
}
