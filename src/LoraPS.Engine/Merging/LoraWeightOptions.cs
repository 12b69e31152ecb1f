using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>How weights are written into a LoRA.</summary>
public sealed record LoraWeightOptions
{
    /// <summary>Type of the saved factors.</summary>
    /// <value>Default null: that of the source where it has one of 16 bits, else F32.</value>
    public SafetensorsDType? SaveDType { get; init; }

    /// <summary>Replace a file at the destination, even the source.</summary>
    public bool Force { get; init; }
}
