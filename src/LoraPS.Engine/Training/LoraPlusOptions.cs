namespace LoraPS.Engine.Training;

/// <summary>How much faster than the others the factors learn that lead to the output.</summary>
/// <remarks>
/// Hayou, Ghosh and Yu, "LoRA+: Efficient low rank adaptation of large models", 2024. As in sd-scripts networks/lora.py@48d368fa,
/// a ratio of 0 for one part takes the common one.
/// </remarks>
public sealed record LoraPlusOptions
{
    /// <summary>Factor of the learning rate, for all parts that have none of their own.</summary>
    /// <value>Null (the default) and 0 are the same learning rate for both factors.</value>
    public double? Ratio { get; init; }

    /// <summary>Factor for the U-Net.</summary>
    /// <value>Null (the default) and 0 take <see cref="Ratio"/>.</value>
    public double? UNetRatio { get; init; }

    /// <summary>Factor for the text encoder.</summary>
    /// <value>Null (the default) and 0 take <see cref="Ratio"/>.</value>
    public double? TextEncoderRatio { get; init; }

    /// <summary>The factor in force for a part, or null for none.</summary>
    internal double? Of(bool isUNet) =>
        (isUNet ? UNetRatio : TextEncoderRatio) is { } own and not 0 ? own : Ratio is { } common and not 0 ? common : null;

    /// <summary>Checks every number against its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is negative.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Ratio ?? 0, nameof(Ratio));
        ArgumentOutOfRangeException.ThrowIfNegative(UNetRatio ?? 0, nameof(UNetRatio));
        ArgumentOutOfRangeException.ThrowIfNegative(TextEncoderRatio ?? 0, nameof(TextEncoderRatio));
    }
}
