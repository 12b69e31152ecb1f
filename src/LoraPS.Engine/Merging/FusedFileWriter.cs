using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>Writes one file of a model, changed as planned.</summary>
/// <remarks>
/// Tensors that stay what they are are copied in runs as long as they lie side by side in both files. The header is written
/// twice: at first with room for the hashes of the inputs, which are still being computed meanwhile, and then with them.
/// </remarks>
/// <param name="metadata">Makes the metadata of a file; it is given the hash of an input by its path.</param>
/// <param name="hashes">Hashes of all inputs.</param>
/// <param name="progress">Told of every run of bytes.</param>
/// <param name="cancellationToken">Asked before each block.</param>
internal sealed class FusedFileWriter(
    Func<FuseModelFile, Func<string, string>, IReadOnlyDictionary<string, string>> metadata, FileHashes hashes, FuseProgress progress, CancellationToken cancellationToken)
{
    private static readonly string NoHash = new('0', ModelHashes.Sha256Digits);

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="file">The file as it is.</param>
    /// <param name="tensors">What becomes of its tensors.</param>
    /// <returns>Length of the new file in bytes.</returns>
    /// <exception cref="LoraMergeException">The numbers cannot be merged.</exception>
    /// <exception cref="WriteFailedException">The system refused; an older file is unchanged.</exception>
    public long Write(string path, FuseModelFile file, IReadOnlyList<PlannedTensor> tensors)
    {
        var byName = tensors.ToDictionary(tensor => tensor.Stored.Name, StringComparer.Ordinal);
        var specs = SafetensorsHeaderBuilder.Order(tensors.Select(tensor => tensor.Spec));
        var room = SafetensorsHeaderBuilder.Build(specs, metadata(file, _ => NoHash));
        // The hashes have a thread of their own, and blocks are short.
        using var alone = OneThread.Begin();
        using var output = new AtomicFile(path, room.Length + specs.Sum(spec => spec.ByteCount));
        output.Write(room);
        foreach (var run in FuseRun.Split(specs.Select(spec => byName[spec.Name])))
        {
            if (run.Changed is null)
                Copy(file.File, run, output);
            else
                run.Changed.Compute(file.File, output.Write, cancellationToken);
            progress.Add(run.ByteCount, run.TensorCount);
        }

        var known = hashes.Wait(cancellationToken);
        var header = SafetensorsHeaderBuilder.Build(specs, metadata(file, input => known[input]));
        output.Write(stream =>
        {
            stream.Position = 0;
            stream.Write(header);
        });
        output.Commit();
        return header.Length + specs.Sum(spec => spec.ByteCount);
    }

    private void Copy(SafetensorsFile input, FuseRun run, AtomicFile output)
    {
        var offset = run.Offset;
        output.Write(run.ByteCount, bytes =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            input.ReadAt(offset, bytes);
            offset += bytes.Length;
        });
    }
}
