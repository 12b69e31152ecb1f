namespace LoraPS.Engine.Merging;

/// <summary>Which ranks are taken out of a DyLoRA file.</summary>
public sealed record DyLoraSplitOptions
{
    /// <summary>The ranks to write, each from 1 to the file's own.</summary>
    /// <value>Default null: every multiple of <see cref="Unit"/> below the file's own rank.</value>
    public IReadOnlyList<int>? Ranks { get; init; }

    /// <summary>Step from rank to rank, as the network was trained with.</summary>
    /// <value>Default 1; at least 1.</value>
    public int Unit { get; init; } = 1;

    /// <summary>Replace files at the destinations.</summary>
    public bool Force { get; init; }
}
