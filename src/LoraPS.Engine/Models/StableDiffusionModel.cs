using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Loading;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models;

/// <summary>A Stable Diffusion model in memory. Disposing a part early, when it is no longer needed, is allowed.</summary>
public sealed class StableDiffusionModel : IDisposable
{
    /// <summary>Makes a model with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="path">Where its weights come from.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public StableDiffusionModel(StableDiffusionConfig config, string path, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        Path = path;
        UNet = new UNet2DConditionModel(config.UNet, device);
        Vae = new AutoencoderKL(config.Vae, device);
        TextEncoder = new ClipTextModel(config.TextEncoder, device);
    }

    /// <summary>Sizes.</summary>
    public StableDiffusionConfig Config { get; }

    /// <summary>The folder or file the weights come from.</summary>
    public string Path { get; }

    /// <summary>The network that predicts noise.</summary>
    public UNet2DConditionModel UNet { get; }

    /// <summary>The autoencoder between pictures and latents.</summary>
    public AutoencoderKL Vae { get; }

    /// <summary>The network that reads captions.</summary>
    public ClipTextModel TextEncoder { get; }

    /// <inheritdoc cref="CheckpointLoader.Load"/>
    public static StableDiffusionModel Load(string path, ModelLoadOptions? options = null, IProgress<EngineEvent>? events = null) =>
        CheckpointLoader.Load(path, options ?? new(), events);

    /// <inheritdoc/>
    public void Dispose()
    {
        UNet.Dispose();
        Vae.Dispose();
        TextEncoder.Dispose();
    }
}
