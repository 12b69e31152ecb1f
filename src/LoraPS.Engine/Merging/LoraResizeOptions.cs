using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>How a LoRA is brought to another rank.</summary>
public sealed record LoraResizeOptions
{
    /// <summary>The new rank, or the most an adaptive criterion may choose.</summary>
    /// <value>Default 4.</value>
    public int Rank { get; init; } = 4;

    /// <summary>The same for modules stored with four dimensions, 1×1 convolutions among them, as in sd-scripts.</summary>
    /// <value>Default null: as <see cref="Rank"/>.</value>
    public int? ConvRank { get; init; }

    /// <summary>How the rank is chosen.</summary>
    /// <value>Default Fixed.</value>
    public RankCriterion Criterion { get; init; }

    /// <summary>The criterion's number, see <see cref="RankRule"/>; not used by Fixed.</summary>
    public double Threshold { get; init; }

    /// <summary>Type of the saved factors.</summary>
    /// <value>Default null: that of the source where it has one of 16 bits, else F32.</value>
    public SafetensorsDType? SaveDType { get; init; }

    /// <summary>Leave out modules that hold NaN or infinite numbers, and warn, instead of refusing the file.</summary>
    /// <value>Default false.</value>
    public bool SkipNonFinite { get; init; }

    /// <summary>Replace a file at the destination, even the source.</summary>
    public bool Force { get; init; }
}
