using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>How LoRAs are merged into a model.</summary>
public sealed record CheckpointFuseOptions
{
    /// <summary>Float type that all weights of the networks are saved in.</summary>
    /// <value>Default null: each tensor keeps its own. Integers and buffers that no network has keep theirs in any case.</value>
    public SafetensorsDType? SaveDType { get; init; }

    /// <summary>Leave out modules that hold NaN or infinite numbers, and warn, instead of refusing the file.</summary>
    /// <value>Default false.</value>
    public bool SkipNonFinite { get; init; }

    /// <summary>Replace what is at the destination, even the model or a LoRA of the same merge.</summary>
    public bool Overwrite { get; init; }
}
