using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>What becomes of one tensor of a model.</summary>
/// <param name="Stored">The tensor as it is.</param>
/// <param name="DType">The type it is saved in.</param>
/// <param name="Terms">What is added to it; empty for nothing.</param>
internal sealed record FuseTensor(TensorInfo Stored, SafetensorsDType DType, IReadOnlyList<FuseTerm> Terms)
{
    /// <summary>True if its bytes stay what they are.</summary>
    public bool IsCopied => Terms.Count == 0 && DType == Stored.DType;

    /// <summary>The tensor as it will be.</summary>
    public TensorSpec Spec => new(Stored.Name, DType, Stored.Shape);
}
