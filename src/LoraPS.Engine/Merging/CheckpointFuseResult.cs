namespace LoraPS.Engine.Merging;

/// <summary>A model with LoRAs merged into its weights.</summary>
/// <param name="Path">The file or folder, as a full path.</param>
/// <param name="Loras">What was merged, in the order given.</param>
/// <param name="MergedModules">How many modules of the model the LoRAs name.</param>
/// <param name="UnmatchedModules">Modules of the LoRAs that the model does not have; they had no effect.</param>
/// <param name="TensorsChanged">How many weights have other values than before; none at ratio 0.</param>
/// <param name="TensorCount">How many tensors the model has.</param>
/// <param name="Length">Bytes of the file, or of all weights of the folder.</param>
/// <param name="Duration">Time it took, from opening the files to the result on disk.</param>
public sealed record CheckpointFuseResult(
    string Path,
    IReadOnlyList<MergedSource> Loras,
    int MergedModules,
    IReadOnlyList<string> UnmatchedModules,
    int TensorsChanged,
    int TensorCount,
    long Length,
    TimeSpan Duration);
