using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Lora;

/// <summary>Learning rates of the U-Net's blocks, as factors of the U-Net's learning rate.</summary>
/// <remarks>
/// Follows sd-scripts networks/lora.py@48d368fa: a part that is not given is 1 throughout, a list that is too short is filled
/// with 1, one that is too long is cut, and a block whose weight is 0 gets no modules at all. A name that is no curve, which is
/// logged and passed over there, is an error here.
/// </remarks>
public sealed record BlockLearningRates
{
    /// <summary>Weights on the way down, the finest block first: numbers between commas, or a curve such as "sine+0.25".</summary>
    /// <value>Null (the default) is 1 for each.</value>
    public string? Down { get; init; }

    /// <summary>Weights in the middle: one number for Stable Diffusion 1 and 2, three for XL.</summary>
    /// <value>Null (the default) is 1 for each.</value>
    public string? Middle { get; init; }

    /// <summary>Weights on the way up, the coarsest block first: numbers between commas, or a curve.</summary>
    /// <value>Null (the default) is 1 for each.</value>
    public string? Up { get; init; }

    /// <summary>Weights up to this are taken for 0.</summary>
    /// <value>Default 0.</value>
    public double ZeroThreshold { get; init; }

    /// <summary>The weight of every block.</summary>
    /// <param name="layout">The blocks there are.</param>
    /// <param name="events">Warned of lists that have another length.</param>
    /// <returns>One number for each block of the layout.</returns>
    /// <exception cref="ArgumentException">A text is neither a list of numbers nor a curve.</exception>
    public IReadOnlyList<double> Weights(TrainingBlocks layout, IProgress<EngineEvent>? events = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return layout.Join(
            Part(Down, layout.SideBlocks, nameof(Down), events),
            Part(Middle, layout.MiddleBlocks, nameof(Middle), events),
            Part(Up, layout.SideBlocks, nameof(Up), events),
            1);
    }

    private IEnumerable<double> Part(string? text, int blocks, string option, IProgress<EngineEvent>? events)
    {
        if (text is null)
            return Enumerable.Repeat(1.0, blocks);
        var weights = LearningRateCurve.Parse(text, blocks, option);
        if (weights.Count != blocks)
        {
            var done = weights.Count > blocks ? "the rest is not used" : "the rest is 1";
            events?.Report(new WarningEvent(
                "BlockLearningRateCount", $"{option} has {weights.Count} learning rate weights '{text}' for {blocks} blocks; {done}.", text));
        }

        return weights.Take(blocks).Concat(Enumerable.Repeat(1.0, Math.Max(blocks - weights.Count, 0))).Select(weight => weight > ZeroThreshold ? weight : 0);
    }
}
