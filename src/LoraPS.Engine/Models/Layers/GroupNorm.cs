using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Normalises groups of channels of each sample, then scales and shifts each channel.</summary>
/// <remarks>Wu and He, "Group normalization" (ECCV 2018). Keeps the memory order of its input.</remarks>
/// <param name="groups">Number of groups; divides <paramref name="channels"/>.</param>
/// <param name="channels">Number of channels.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="device">Where the parameters live; null is the CPU.</param>
public sealed class GroupNorm(int groups, long channels, double epsilon, Device? device = null)
    : WeightedLayer(nameof(GroupNorm), [channels], channels, device)
{
    /// <summary>Number of groups.</summary>
    public int Groups { get; } = groups;

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.group_norm(input, Groups, Weight, Bias, Epsilon);
}
