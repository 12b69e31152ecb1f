namespace LoraPS.Engine.Merging;

/// <summary>A model made of others.</summary>
/// <param name="Path">The file or folder, as a full path.</param>
/// <param name="Sources">The files it was made of, with the ratios used; several for a folder.</param>
/// <param name="TensorsMerged">How many tensors are sums.</param>
/// <param name="TensorCount">How many tensors the model has; the others are the first model's.</param>
/// <param name="Length">Bytes of the file, or of all weights of the folder.</param>
/// <param name="Duration">Time it took, from opening the files to the result on disk.</param>
public sealed record CheckpointMergeResult(
    string Path, IReadOnlyList<MergedSource> Sources, int TensorsMerged, int TensorCount, long Length, TimeSpan Duration);
