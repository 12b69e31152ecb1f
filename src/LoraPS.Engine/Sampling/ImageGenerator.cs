using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Loading;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>Makes pictures with a Stable Diffusion model and any number of LoRAs.</summary>
/// <remarks>
/// A picture's numbers follow from its seed alone: the fifth of ten pictures is the picture that its own seed gives alone.
/// Rombach et al., "High-resolution image synthesis with latent diffusion models", 2022.
/// </remarks>
public static class ImageGenerator
{
    private const string Activity = "Making pictures";

    /// <summary>Makes pictures and writes each as soon as it is done.</summary>
    /// <param name="modelPath">A diffusers folder or a single .safetensors checkpoint.</param>
    /// <param name="options">Which pictures.</param>
    /// <param name="events">Told how far the work has come, and of each picture that was written (<see cref="ImageMadeEvent"/>).</param>
    /// <param name="cancellationToken">Stops between two steps; pictures that are done stay.</param>
    /// <returns>The pictures, in the order of their seeds.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DestinationExistsException">A picture exists, and it was not said that it may be replaced.</exception>
    /// <exception cref="EngineException">The model, the tokenizer or a LoRA cannot be used, or a file cannot be written.</exception>
    public static IReadOnlyList<GeneratedImage> Generate(
        string modelPath, ImageOptions options, IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var first = options.Seed ?? Random.Shared.NextInt64(1L << 32);
        var seeds = Enumerable.Range(0, options.Count).Select(i => first + i).ToList();
        using var claims = Destination.ClaimAll(seeds.Select(options.PathOf), options.Overwrite);
        TorchRuntime.EnsureLoaded();
        CheckSize(CheckpointLoader.ReadConfig(modelPath), options.Width, options.Height);

        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var model = StableDiffusionModel.Load(modelPath, events: events);
        using var loras = AttachedLoras.Attach(model, options.Loras);
        var tokenizer = TokenizerSource.Find(modelPath, options.TokenizerPath, options.AllowDownload, events, cancellationToken);
        var (states, negative) = new PromptEncoder(tokenizer, model.TextEncoder, options.ClipSkip).Encode(options.Prompt, options.NegativePrompt);
        using var schedule = new NoiseSchedule();
        var sigmas = new SigmaSchedule(schedule);
        var painter = new Painter(model, new GuidedDenoiser(model.UNet, sigmas, states, negative, options.GuidanceScale), sigmas, options);
        var made = new List<GeneratedImage>();
        foreach (var seed in seeds)
        {
            made.Add(painter.Paint(seed, step => events?.Report(Progress(options, made.Count, step)), cancellationToken));
            events?.Report(new ImageMadeEvent(made[^1]));
        }

        return made;
    }

    private static ProgressEvent Progress(ImageOptions options, int index, int step) => new(
        Activity,
        FormattableString.Invariant($"picture {index + 1} of {options.Count}, step {step} of {options.Steps}"),
        (index + ((double)step / options.Steps)) / options.Count);

    /// <summary>Refuses sizes that do not fit a model.</summary>
    /// <exception cref="ArgumentException">Width or height is no multiple of what the model asks for.</exception>
    internal static void CheckSize(StableDiffusionConfig config, int width, int height)
    {
        var unit = config.Vae.Downscale << (config.UNet.Levels.Count - 1);
        if (width % unit != 0 || height % unit != 0)
        {
            throw new ArgumentException(
                $"A picture of {width}x{height} does not fit this model: width and height must be multiples of {unit}.", nameof(width));
        }
    }
}
