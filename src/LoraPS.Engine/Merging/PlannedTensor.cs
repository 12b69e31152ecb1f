using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>What becomes of one tensor of a model.</summary>
/// <param name="Stored">The tensor as it is.</param>
/// <param name="DType">The type it is saved in.</param>
internal abstract record PlannedTensor(TensorInfo Stored, SafetensorsDType DType)
{
    /// <summary>True if its bytes stay what they are.</summary>
    public bool IsCopied => !IsComputed && DType == Stored.DType;

    /// <summary>The tensor as it will be.</summary>
    public TensorSpec Spec => new(Stored.Name, DType, Stored.Shape);

    /// <summary>True if its numbers change.</summary>
    public abstract bool IsComputed { get; }

    /// <summary>Computes it and hands its bytes on, block by block.</summary>
    /// <param name="file">The file that holds it.</param>
    /// <param name="write">Takes the bytes in order.</param>
    /// <param name="cancellationToken">Asked before each block.</param>
    public abstract void Compute(SafetensorsFile file, ByteSink write, CancellationToken cancellationToken);
}
