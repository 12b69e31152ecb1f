using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>How models are merged into one.</summary>
public sealed record CheckpointMergeOptions
{
    /// <summary>Merge U-Nets only; the text encoder and the VAE are the first model's.</summary>
    /// <value>Default false.</value>
    public bool UNetOnly { get; init; }

    /// <summary>Float type that all weights of the networks are saved in.</summary>
    /// <value>Default null: each tensor keeps the type it has in the first model.</value>
    public SafetensorsDType? SaveDType { get; init; }

    /// <summary>Replace what is at the destination, even one of the models.</summary>
    public bool Overwrite { get; init; }
}
