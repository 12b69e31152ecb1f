using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>A tensor of a model that LoRAs are merged into.</summary>
/// <param name="Stored">The tensor as it is.</param>
/// <param name="DType">The type it is saved in.</param>
/// <param name="Terms">What is added to it; empty for nothing.</param>
internal sealed record FuseTensor(TensorInfo Stored, SafetensorsDType DType, IReadOnlyList<FuseTerm> Terms) : PlannedTensor(Stored, DType)
{
    public override bool IsComputed => Terms.Count > 0;

    public override void Compute(SafetensorsFile file, ByteSink write, CancellationToken cancellationToken) =>
        WeightFuser.Fuse(file, this, write, cancellationToken);
}
