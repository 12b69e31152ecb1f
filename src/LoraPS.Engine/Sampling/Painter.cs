using System.Diagnostics;
using LoraPS.Engine.Models;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>Makes one picture after the other with a model that is set up.</summary>
/// <param name="model">The model; not owned.</param>
/// <param name="denoiser">The U-Net under guidance.</param>
/// <param name="schedule">Its noise levels.</param>
/// <param name="options">What was asked for.</param>
internal sealed class Painter(StableDiffusionModel model, GuidedDenoiser denoiser, SigmaSchedule schedule, ImageOptions options)
{
    private readonly Sampler _sampler = Sampler.Find(options.Sampler);
    private readonly IReadOnlyList<double> _sigmas = schedule.Levels(Sampler.Find(options.Sampler).Spacing, options.Steps);

    /// <summary>Makes a picture and writes it.</summary>
    /// <param name="seed">Names its noise.</param>
    /// <param name="progress">Told the number of each step that is begun, from 1.</param>
    /// <param name="cancellationToken">Asked before each step.</param>
    public GeneratedImage Paint(long seed, Action<int> progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var latents = Latents(seed, progress, cancellationToken);
        var pixels = model.Vae.Decode(latents.DividedBy(model.Vae.Config.ScalingFactor).to(model.Vae.parameters().First().device)).squeeze(0);
        var path = Path.GetFullPath(options.PathOf(seed));
        PngPicture.Write(path, pixels, ImageSettingsText.Keyword, ImageSettingsText.Of(options, seed, model.Path));
        return new(
            path, options.Prompt, options.NegativePrompt, seed, _sampler.Name, options.Steps, options.GuidanceScale, options.Width, options.Height, clock.Elapsed);
    }

    private Tensor Latents(long seed, Action<int> progress, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var config = model.Vae.Config;
        long[] shape = [1, config.LatentChannels, options.Height / config.Downscale, options.Width / config.Downscale];
        var step = 0;
        var run = new SamplerRun(
            (sample, sigma) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(++step);
                return denoiser.Denoise(sample, sigma);
            },
            new CounterRandom(seed, RandomPurpose.ImageNoise).Normal(shape).Times(_sigmas[0]),
            _sigmas,
            number => new CounterRandom(seed, RandomPurpose.SamplerNoise, item: number).Normal(shape));
        return _sampler.Sample(run).MoveToOuterDisposeScope();
    }
}
