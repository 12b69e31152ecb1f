using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Makes pictures with the network as it is in the midst of a run.</summary>
/// <remarks>
/// It changes nothing that the training sees: its noise is named by the pictures' seeds, and dropout rests meanwhile. A
/// picture that cannot be made is told of in a warning and does not cost the run.
/// </remarks>
/// <param name="run">The run.</param>
/// <param name="model">Its model with the network attached; not owned.</param>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="network">What is trained; not owned.</param>
/// <param name="paths">Names of the files.</param>
/// <param name="events">Told of every picture.</param>
internal sealed class SamplePainter(
    RunFacts run, StableDiffusionModel model, ClipTokenizer tokenizer, LoraNetwork network, TrainingPaths paths, IProgress<EngineEvent>? events)
{
    private readonly SampleSchedule _schedule = new(run.Options.Samples, run.Length, paths);
    private readonly IReadOnlyList<SamplePrompt> _prompts = run.Options.Samples.Parsed;
    private readonly List<string> _made = [];

    /// <summary>The pictures that were made.</summary>
    public IReadOnlyList<string> Made => _made;

    /// <summary>Makes the pictures that are due after a step.</summary>
    /// <param name="step">Steps done; 0 before the first.</param>
    /// <param name="cancellationToken">Ends it between two steps of a picture.</param>
    public void PaintIfDue(int step, CancellationToken cancellationToken)
    {
        if (!_schedule.IsDue(step))
            return;
        using var noGradient = no_grad();
        network.SetStep(null);
        for (var i = 0; i < _prompts.Count && !cancellationToken.IsCancellationRequested; i++)
            Paint(step, i, cancellationToken);
    }

    private void Paint(int step, int index, CancellationToken cancellationToken)
    {
        try
        {
            using var scope = NewDisposeScope();
            var image = Paint(Options(index, paths.Sample(step, index)), picture => Tell(step, index, picture), cancellationToken);
            _made.Add(image.Path);
            events?.Report(new SampleMadeEvent(image, step, run.Length.EpochOf(Math.Max(0, step - 1)) + 1));
        }
        catch (OperationCanceledException)
        {
            // The training stops before its next step, and says so.
        }
        catch (Exception e)
        {
            events?.Report(new WarningEvent("SampleFailed", $"The sample picture {index + 1} of step {step} could not be made: {e.Message} The training goes on.", paths.Sample(step, index)));
        }
    }

    private GeneratedImage Paint(ImageOptions options, Action<int> progress, CancellationToken cancellationToken)
    {
        var (states, negative) = new PromptEncoder(tokenizer, model.TextEncoder, options.ClipSkip).Encode(options.Prompt, options.NegativePrompt);
        using var schedule = new NoiseSchedule();
        var sigmas = new SigmaSchedule(schedule);
        var denoiser = new GuidedDenoiser(model.UNet, sigmas, states, negative, options.GuidanceScale, run.Options.VPrediction);
        Directory.CreateDirectory(Path.GetDirectoryName(options.DestinationPath)!);
        return new Painter(model, denoiser, sigmas, options).Paint(options.Seed!.Value, progress, cancellationToken);
    }

    private ImageOptions Options(int index, string path)
    {
        var prompt = _prompts[index];
        return new()
        {
            Prompt = prompt.Prompt,
            NegativePrompt = prompt.NegativePrompt,
            Sampler = SamplePrompt.FindSampler(prompt.Sampler ?? run.Options.Samples.Sampler).Name,
            Steps = prompt.Steps,
            GuidanceScale = prompt.GuidanceScale,
            Seed = prompt.Seed ?? run.Seed + index,
            Width = prompt.Width,
            Height = prompt.Height,
            ClipSkip = run.Options.ClipSkip,
            DestinationPath = path,
        };
    }

    private void Tell(int step, int index, int pictureStep) => events?.Report(new ProgressEvent(TrainingLoop.Activity, "making sample pictures", (double)step / run.Length.Steps)
    {
        Part = new(
            "Sample pictures",
            FormattableString.Invariant($"picture {index + 1} of {_prompts.Count}, step {pictureStep} of {_prompts[index].Steps}"),
            (index + ((double)pictureStep / _prompts[index].Steps)) / _prompts.Count),
    });
}
