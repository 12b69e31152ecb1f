namespace LoraPS.Engine.Merging;

/// <summary>Tensors that are written in one go: neighbours that are copied, or one that is computed.</summary>
/// <param name="Changed">The tensor to compute; null for a copy.</param>
/// <param name="Offset">First byte in the old file.</param>
/// <param name="ByteCount">Length in the new file.</param>
/// <param name="TensorCount">How many tensors it is.</param>
internal sealed record FuseRun(PlannedTensor? Changed, long Offset, long ByteCount, int TensorCount)
{
    /// <summary>Joins what can be joined.</summary>
    /// <param name="tensors">In the order of the new file.</param>
    public static IEnumerable<FuseRun> Split(IEnumerable<PlannedTensor> tensors)
    {
        FuseRun? pending = null;
        foreach (var tensor in tensors)
        {
            var run = new FuseRun(tensor.IsCopied ? null : tensor, tensor.Stored.Offset, tensor.Spec.ByteCount, 1);
            if (pending is { Changed: null } && run.Changed is null && pending.Offset + pending.ByteCount == run.Offset)
            {
                pending = pending with { ByteCount = pending.ByteCount + run.ByteCount, TensorCount = pending.TensorCount + 1 };
                continue;
            }

            if (pending is not null)
                yield return pending;
            pending = run;
        }

        if (pending is not null)
            yield return pending;
    }
}
