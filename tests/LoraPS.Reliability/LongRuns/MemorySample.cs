namespace LoraPS.Reliability.LongRuns;

/// <summary>A moment of a long run.</summary>
/// <param name="At">Steps or merges done.</param>
/// <param name="Bytes">Memory of the process (RSS).</param>
/// <param name="Tensors">Tensors alive on the thread.</param>
internal sealed record MemorySample(int At, long Bytes, long Tensors);
