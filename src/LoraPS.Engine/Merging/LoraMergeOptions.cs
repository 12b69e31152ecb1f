using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>How LoRAs are merged into one.</summary>
public sealed record LoraMergeOptions
{
    /// <summary>One of <see cref="MergeMethods.Names"/>.</summary>
    /// <value>Default WeightedSum: the exact sum.</value>
    public string Method { get; init; } = WeightedSumMerge.MethodName;

    /// <summary>The method's numbers.</summary>
    public MergeMethodOptions Numbers { get; init; } = new();

    /// <summary>Type of the saved factors.</summary>
    /// <value>Default null: that of the sources where they share one of 16 bits, else F32.</value>
    public SafetensorsDType? SaveDType { get; init; }

    /// <summary>Leave out modules that hold NaN or infinite numbers, and warn, instead of refusing the file.</summary>
    /// <value>Default false.</value>
    public bool SkipNonFinite { get; init; }

    /// <summary>Replace a file at the destination, even one of the sources.</summary>
    public bool Force { get; init; }
}
