namespace LoraPS.Engine.Merging.Conversion;

/// <summary>How a LoRA is brought into another form.</summary>
public sealed record LoraConvertOptions
{
    /// <summary>Multiplies alpha/rank into up, also for a form that has alphas; older readers of PEFT files pass them over.</summary>
    /// <value>Default false: alphas are kept where the form has a place for them.</value>
    public bool FoldAlpha { get; init; }

    /// <summary>Leave out tensors that are of no LoRA module, such as the embeddings of cloneofsimo's files, and warn, instead of refusing the file.</summary>
    /// <value>Default false.</value>
    public bool SkipOthers { get; init; }

    /// <summary>Replace a file at the destination, even the one that is read.</summary>
    public bool Overwrite { get; init; }
}
