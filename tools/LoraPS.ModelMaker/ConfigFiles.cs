using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;

namespace LoraPS.ModelMaker;

/// <summary>The JSON files of a diffusers folder.</summary>
internal static class ConfigFiles
{
    /// <summary>model_index.json: which class loads which folder.</summary>
    public const string ModelIndex = """
        {
          "_class_name": "StableDiffusionPipeline",
          "_diffusers_version": "0.32.1",
          "feature_extractor": [null, null],
          "requires_safety_checker": false,
          "safety_checker": [null, null],
          "scheduler": ["diffusers", "DDIMScheduler"],
          "text_encoder": ["transformers", "CLIPTextModel"],
          "tokenizer": ["transformers", "CLIPTokenizer"],
          "unet": ["diffusers", "UNet2DConditionModel"],
          "vae": ["diffusers", "AutoencoderKL"]
        }

        """;

    /// <summary>scheduler/scheduler_config.json: the noise schedule of Stable Diffusion 1.</summary>
    public const string Scheduler = """
        {
          "_class_name": "DDIMScheduler",
          "beta_start": 0.00085,
          "beta_end": 0.012,
          "beta_schedule": "scaled_linear",
          "num_train_timesteps": 1000,
          "prediction_type": "epsilon",
          "clip_sample": false,
          "set_alpha_to_one": false,
          "steps_offset": 1
        }

        """;

    /// <summary>unet/config.json.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="latentSide">Side of the latents it was trained on.</param>
    public static string UNet(UNetConfig config, int latentSide) => $$"""
        {
          "_class_name": "UNet2DConditionModel",
          "sample_size": {{latentSide}},
          "in_channels": {{config.InChannels}},
          "out_channels": {{config.OutChannels}},
          "down_block_types": [{{Types(config.Levels, "CrossAttnDownBlock2D", "DownBlock2D")}}],
          "up_block_types": [{{Types(config.Levels.Reverse(), "CrossAttnUpBlock2D", "UpBlock2D")}}],
          "block_out_channels": [{{List(config.Levels.Select(level => level.Channels))}}],
          "layers_per_block": {{config.LayersPerBlock}},
          "attention_head_dim": [{{List(config.Levels.Select(level => level.Heads))}}],
          "cross_attention_dim": {{config.CrossAttentionDim}},
          "norm_num_groups": {{config.Norm.Groups}},
          "norm_eps": {{config.Norm.Epsilon}}
        }

        """;

    /// <summary>vae/config.json.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="pictureSide">Side of the pictures it was trained on, pixels.</param>
    public static string Vae(VaeConfig config, int pictureSide) => $$"""
        {
          "_class_name": "AutoencoderKL",
          "sample_size": {{pictureSide}},
          "in_channels": {{config.ImageChannels}},
          "out_channels": {{config.ImageChannels}},
          "latent_channels": {{config.LatentChannels}},
          "down_block_types": [{{Types(config.Channels, "DownEncoderBlock2D")}}],
          "up_block_types": [{{Types(config.Channels, "UpDecoderBlock2D")}}],
          "block_out_channels": [{{List(config.Channels)}}],
          "layers_per_block": {{config.LayersPerBlock}},
          "norm_num_groups": {{config.Norm.Groups}},
          "scaling_factor": {{config.ScalingFactor}}
        }

        """;

    /// <summary>text_encoder/config.json.</summary>
    public static string TextEncoder(ClipTextConfig config) => $$"""
        {
          "architectures": ["CLIPTextModel"],
          "model_type": "clip_text_model",
          "vocab_size": {{config.VocabularySize}},
          "max_position_embeddings": {{config.MaxPositions}},
          "hidden_size": {{config.HiddenSize}},
          "intermediate_size": {{config.IntermediateSize}},
          "num_hidden_layers": {{config.Layers}},
          "num_attention_heads": {{config.Heads}},
          "hidden_act": "{{(config.Activation == ClipActivation.QuickGelu ? "quick_gelu" : "gelu")}}",
          "bos_token_id": {{config.VocabularySize - 2}},
          "eos_token_id": {{config.VocabularySize - 1}},
          "pad_token_id": {{config.VocabularySize - 1}}
        }

        """;

    private static string List(IEnumerable<int> numbers) => string.Join(", ", numbers);

    private static string Types(IEnumerable<int> levels, string type) => string.Join(", ", levels.Select(_ => $"\"{type}\""));

    private static string Types(IEnumerable<UNetLevel> levels, string attention, string plain) =>
        string.Join(", ", levels.Select(level => $"\"{(level.TransformerLayers > 0 ? attention : plain)}\""));
}
