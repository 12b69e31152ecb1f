using LoraPS.Engine.Models;
using LoraPS.Engine.Sampling;

namespace LoraPS.Engine.Training;

/// <summary>Pictures that a run makes on the way, to see what it has learned.</summary>
public sealed record SampleOptions
{
    /// <summary>Lines of a prompt file of sd-scripts: a prompt, and options behind it (<see cref="SamplePrompt"/>).</summary>
    /// <value>Default: none, and no pictures.</value>
    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>After how many steps pictures are made.</summary>
    /// <value>Null (the default): not by steps.</value>
    public int? EverySteps { get; init; }

    /// <summary>After how many epochs pictures are made.</summary>
    /// <value>Null (the default): not by epochs.</value>
    public int? EveryEpochs { get; init; }

    /// <summary>Whether pictures are made before the first step too.</summary>
    /// <value>Default false.</value>
    public bool AtFirst { get; init; }

    /// <summary>The sampler of prompts that name none, by the name it has here or in sd-scripts.</summary>
    /// <value>Default ddim.</value>
    public string Sampler { get; init; } = "ddim";

    /// <summary>The prompts, read.</summary>
    /// <exception cref="ArgumentException">A line cannot be understood.</exception>
    internal IReadOnlyList<SamplePrompt> Parsed => [.. Prompts.Select(SamplePrompt.Parse)];

    /// <summary>Checks what can be checked without the model.</summary>
    /// <exception cref="ArgumentException">A value cannot be used.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(EverySteps ?? 1, nameof(EverySteps));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(EveryEpochs ?? 1, nameof(EveryEpochs));
        SamplePrompt.FindSampler(Sampler);
        _ = Parsed;
        var isAsked = EverySteps is not null || EveryEpochs is not null || AtFirst;
        if (isAsked && Prompts.Count == 0)
            throw new ArgumentException("Sample pictures are asked for, but no prompt is given for them.", nameof(Prompts));
        if (!isAsked && Prompts.Count > 0)
            throw new ArgumentException("Prompts of sample pictures are given, but not when to make them: after steps, after epochs, or at first.", nameof(Prompts));
    }

    /// <summary>Checks that the pictures fit a model.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ArgumentException">A size does not.</exception>
    internal void ThrowIfUnfit(StableDiffusionConfig model)
    {
        foreach (var prompt in Parsed)
            ImageGenerator.CheckSize(model, prompt.Width, prompt.Height);
    }
}
