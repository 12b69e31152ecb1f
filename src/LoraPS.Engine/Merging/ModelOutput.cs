using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>Writes a model whose tensors are planned, in the form of the model it is made of: one file, or a folder with everything else copied.</summary>
/// <param name="model">The model it is made of.</param>
/// <param name="files">What becomes of the tensors of each of its files.</param>
internal sealed class ModelOutput(FuseModel model, IReadOnlyList<(FuseModelFile File, IReadOnlyList<PlannedTensor> Tensors)> files)
{
    private static readonly string[] PickleExtensions = [".bin", ".ckpt", ".pt", ".pth"];

    /// <summary>All tensors.</summary>
    public IReadOnlyList<PlannedTensor> Tensors { get; } = files.SelectMany(file => file.Tensors).ToArray();

    /// <summary>Refuses a place that is taken, or that cannot hold the model.</summary>
    /// <exception cref="DestinationExistsException">Something is at the destination and may not be replaced.</exception>
    /// <exception cref="ArgumentException">The name is not that of a safetensors file, or a folder there is something else than a model.</exception>
    public static void CheckDestination(FuseModel model, string destination, bool overwrite)
    {
        Destination.Check(destination, overwrite);
        if (!model.IsFolder && !destination.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"{destination} will be a safetensors file; let its name end in .safetensors.", nameof(destination));
        if (!model.IsFolder || destination == model.Path || !Directory.Exists(destination))
            return;
        if (!Directory.Exists(Path.Combine(destination, "unet")) && Directory.EnumerateFileSystemEntries(destination).Any())
            throw new ArgumentException($"{destination} is a folder of something else than a model, and would be lost. Choose another destination.", nameof(destination));
    }

    /// <summary>Writes the model.</summary>
    /// <returns>Bytes of the file, or of all weights of the folder.</returns>
    public long Write(string destination, FusedFileWriter writer) =>
        model.IsFolder ? WriteFolder(destination, writer) : writer.Write(destination, files[0].File, files[0].Tensors);

    private long WriteFolder(string destination, FusedFileWriter writer)
    {
        var (unchanged, changed) = (files.Where(IsUnchanged).Select(part => part.File).ToList(), files.Where(part => !IsUnchanged(part)).ToList());
        // Pickled weights would be the old ones, beside new ones in safetensors.
        var others = model.OtherFiles().Where(file => !PickleExtensions.Contains(Path.GetExtension(file))).ToList();
        using var folder = new AtomicFolder(destination);
        foreach (var file in others.Concat(unchanged.Select(part => part.RelativePath)))
            folder.Copy(Path.Combine(model.Path, file), file);
        var length = unchanged.Sum(part => part.File.Length)
            + changed.Sum(part => writer.Write(Path.Combine(folder.TemporaryPath, part.File.OutputPath), part.File, part.Tensors));
        folder.Commit();
        return length;
    }

    private static bool IsUnchanged((FuseModelFile File, IReadOnlyList<PlannedTensor> Tensors) part) =>
        !part.File.IsPickled && part.Tensors.All(tensor => tensor.IsCopied);
}
