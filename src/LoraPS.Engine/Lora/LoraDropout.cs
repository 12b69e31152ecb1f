using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>The three dropouts of a LoRA network: of elements, of whole ranks and of whole modules.</summary>
/// <remarks>
/// What is dropped follows from (seed, step, module) alone, so a layer that is computed twice in a step, as gradient
/// checkpointing does, drops the same. The rules are those of sd-scripts networks/lora.py@48d368fa.
/// </remarks>
/// <param name="options">The chances.</param>
/// <param name="seed">The run's seed.</param>
public sealed class LoraDropout(LoraOptions options, long seed)
{
    private readonly bool _isUsed = options.Dropout > 0 || options.RankDropout > 0 || options.ModuleDropout > 0;

    /// <summary>The training step, or null (the default) outside training, where nothing is dropped.</summary>
    public int? Step { get; set; }

    /// <summary>The random numbers of one module in this step, or null where nothing is dropped.</summary>
    /// <param name="module">The module's place in the network.</param>
    internal CounterRandom? Random(int module) =>
        _isUsed && Step is { } step ? new CounterRandom(seed, RandomPurpose.Dropout, step, module) : null;

    /// <summary>Whether the whole module is left out. The first number of the module's sequence.</summary>
    internal bool DropsModule(CounterRandom random) => random.NextDouble() < options.ModuleDropout;

    /// <summary>Drops elements, then ranks, and scales what is left up to the same mean.</summary>
    /// <param name="bottleneck">[B, r], [B, n, r] or [B, r, h, w].</param>
    /// <param name="random">The module's sequence.</param>
    internal Tensor Apply(Tensor bottleneck, CounterRandom random)
    {
        using var scope = NewDisposeScope();
        if (options.Dropout > 0)
            bottleneck = bottleneck * Mask(random, options.Dropout, bottleneck.shape, bottleneck);
        if (options.RankDropout > 0)
            bottleneck = bottleneck * Mask(random, options.RankDropout, RankMaskShape(bottleneck.shape), bottleneck);
        return bottleneck.MoveToOuterDisposeScope();
    }

    private static Tensor Mask(CounterRandom random, double chance, long[] shape, Tensor like) =>
        random.Uniform(0, 1, shape).IsAtLeast(chance).to(ScalarType.Float32).DividedBy(1 - chance).to(like.dtype, like.device);

    private static long[] RankMaskShape(long[] shape) => shape switch
    {
        [var batch, var rank] => [batch, rank],
        [var batch, _, var rank] => [batch, 1, rank],
        [var batch, var rank, ..] => [batch, rank, 1, 1],
        _ => throw new ArgumentException($"A bottleneck has 2, 3 or 4 dimensions, not {shape.Length}.", nameof(shape)),
    };
}
