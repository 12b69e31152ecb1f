using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>A module and everything the sources say about it, in the order of the sources.</summary>
/// <param name="Name">Module name, such as <c>lora_unet_mid_block_attentions_0_proj_in</c>.</param>
/// <param name="IsConvolution">True for a convolution with a kernel larger than 1×1.</param>
/// <param name="Terms">At least one; their matrices have equal outer sides.</param>
public sealed record MergeModule(string Name, bool IsConvolution, IReadOnlyList<MergeTerm> Terms)
{
    /// <summary>The rank of the exact sum: all ranks together, or the smaller side of the matrix where that is less.</summary>
    public int FullRank => (int)Math.Min(Terms.Sum(t => t.Rank), Math.Min(Terms[0].Up.shape[0], Terms[0].Down.shape[1]));

    /// <summary>Names this module in random sequences: the same number whatever else a file holds (FNV-1a of the name).</summary>
    internal int RandomItem => RandomItemOf(Name);

    /// <inheritdoc cref="RandomItem"/>
    internal static int RandomItemOf(string name) => (int)name.Aggregate(2166136261u, (hash, c) => unchecked((hash ^ c) * 16777619u));

    /// <summary>A random sequence of this module's own.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="source">Which source's numbers.</param>
    internal CounterRandom Random(long seed, int source) => new(seed, RandomPurpose.MergeMask, source, RandomItem);
}
