using System.Globalization;
using System.Text.Json;

namespace LoraPS.Engine.Training;

/// <summary>Lists the settings that decide a run's numbers.</summary>
/// <remarks>Left out is what changes no number: where and how often files are written, and mostly how many steps there are.</remarks>
internal static class ResumeSettings
{
    private const int HashDigits = 12;

    /// <summary>The settings by name, in words that can be compared.</summary>
    public static IReadOnlyDictionary<string, string> Of(RunFacts run)
    {
        var options = run.Options;
        var settings = new OrderedDictionary<string, string>
        {
            [nameof(options.Seed)] = Text(run.Seed),
            ["Model"] = $"{run.Model.Name} {run.Model.Sha256[..HashDigits]}",
            ["Pictures"] = Text(run.Dataset.ImageCount),
            ["Dataset"] = run.Dataset.Fingerprint[..HashDigits],
            [nameof(options.UNetLearningRate)] = Text(options.EffectiveUNetLearningRate),
            [nameof(options.TextEncoderLearningRate)] = Text(options.EffectiveTextEncoderLearningRate),
            [nameof(options.GradientAccumulationSteps)] = Text(options.GradientAccumulationSteps),
            [nameof(options.MaxGradNorm)] = Text(options.MaxGradNorm),
            [nameof(options.GradNormPerPart)] = options.GradNormPerPart.ToString(),
            [nameof(options.MaxWeightNorm)] = options.MaxWeightNorm is { } norm ? Text(norm) : "none",
            [nameof(options.BaseWeights)] = string.Join(", ", options.BaseWeights.Select(weights => $"{Path.GetFileName(weights.Path)} {Text(weights.Multiplier)}")),
            [nameof(options.Precision)] = options.Precision.ToString(),
            [nameof(options.PriorLossWeight)] = Text(options.PriorLossWeight),
            [nameof(options.ClipSkip)] = Text(options.ClipSkip ?? 1),
            [nameof(options.MaxTokenLength)] = Text(options.MaxTokenLength),
            [nameof(options.WeightedCaptions)] = options.WeightedCaptions.ToString(),
        };
        if (run.Vae is { } vae)
            settings.Add("Vae", $"{vae.Name} {vae.Sha256[..HashDigits]}");
        foreach (var property in JsonSerializer.SerializeToElement(options.Network).EnumerateObject())
            settings.Add(property.Name, property.Value.ToString());
        AddAll(settings, nameof(options.LoraPlus), options.LoraPlus);
        AddAll(settings, nameof(options.LrSchedule), options.LrSchedule);
        AddAll(settings, nameof(options.Loss), options.Loss);
        AddAll(settings, nameof(options.Noise), options.Noise);
        settings.Add(nameof(options.VPrediction), options.VPrediction.ToString());
        settings.Add(nameof(options.Optimizer), options.EffectiveOptimizer.Kind.Name);
        foreach (var (name, value) in options.EffectiveOptimizer.InForce)
            settings.Add($"{nameof(options.Optimizer)}.{name}", value);
        // Captions that grow over a share of the run depend on its length, and so do most schedules.
        if (options.LrSchedule.DependsOnLength || run.Dataset.Entries.Any(entry => entry.Subset.Caption.TokenWarmupStep is > 0 and < 1))
            settings.Add(nameof(options.MaxTrainSteps), Text(run.Length.Steps));
        return settings;
    }

    private static void AddAll<T>(OrderedDictionary<string, string> settings, string group, T options)
    {
        foreach (var property in JsonSerializer.SerializeToElement(options).EnumerateObject())
            settings.Add($"{group}.{property.Name}", property.Value.ToString());
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
