using System.Diagnostics;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>Merges LoRAs into the weights of a model, which then needs no LoRA to behave like it.</summary>
/// <remarks>
/// W' = W + Σ ratio · alpha / rank · up · down in float32, rounded once. Tensor after tensor from file to file: memory does
/// not grow with the model. All other tensors are copied byte for byte, those that no network has among them. Results agree
/// with sd-scripts networks/merge_lora.py@48d368fa, which loads the whole model and saves float32 unless told otherwise.
/// </remarks>
public static class CheckpointFuser
{
    private static readonly string[] PickleExtensions = [".bin", ".ckpt", ".pt", ".pth"];

    /// <summary>Merges.</summary>
    /// <param name="modelPath">A single-file checkpoint (.safetensors), or a diffusers folder.</param>
    /// <param name="loras">At least one LoRA in sd-scripts naming.</param>
    /// <param name="destinationPath">The file or folder to make, of the same form as the model.</param>
    /// <param name="options">What to save, and whether to replace.</param>
    /// <param name="events">Told of progress and of LoRA modules the model does not have; may be null.</param>
    /// <param name="cancellationToken">Stops within a few megabytes, leaving nothing behind.</param>
    /// <returns>What was made.</returns>
    /// <exception cref="ArgumentException">No LoRA, a ratio that is no finite number, or a type or destination that cannot be.</exception>
    /// <exception cref="DestinationExistsException">Something is at the destination and may not be replaced.</exception>
    /// <exception cref="MissingFileException">The model or a LoRA does not exist.</exception>
    /// <exception cref="SafetensorsFormatException">A file is not valid safetensors.</exception>
    /// <exception cref="UnrecognisedLoraException">A file is no LoRA, or of a kind that cannot be merged.</exception>
    /// <exception cref="LoraModelMismatchException">A LoRA is for another kind of model.</exception>
    /// <exception cref="LoraMergeException">A LoRA holds NaN or infinite numbers, or the result does not fit its type.</exception>
    /// <exception cref="WriteFailedException">The system refused; what was there before is unchanged.</exception>
    public static CheckpointFuseResult Merge(
        string modelPath,
        IReadOnlyList<LoraSource> loras,
        string destinationPath,
        CheckpointFuseOptions options,
        IProgress<EngineEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        CheckArguments(modelPath, loras, destinationPath, options);
        var clock = Stopwatch.StartNew();
        var destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destinationPath));
        using var model = new FuseModel(modelPath);
        CheckDestination(model, destination, options.Overwrite);
        using var sources = new FuseSources(loras);
        var plan = new FusePlan(model, sources, options.SaveDType);
        var progress = new FuseProgress(plan, events);
        progress.WarnOfUnmatched();

        TorchRuntime.EnsureLoaded();
        using var hashes = new FileHashes([.. sources.Readers.Select(reader => reader.Path), .. model.Files.Select(file => file.File.Path)]);
        var writer = new FusedFileWriter(new FuseRecord(model, sources, destination), hashes, progress, cancellationToken);
        var length = model.IsFolder ? WriteFolder(destination, model, plan, writer) : writer.Write(destination, plan.Files[0].File, plan.Files[0].Tensors);
        var known = hashes.Wait(cancellationToken);
        return new(
            destination, sources.Record(path => known[path]), plan.MergedModules, plan.UnmatchedModules,
            plan.Tensors.Count(tensor => tensor.Terms.Count > 0), plan.Tensors.Count(), length, clock.Elapsed);
    }

    private static long WriteFolder(string destination, FuseModel model, FusePlan plan, FusedFileWriter writer)
    {
        // Pickled weights would be the old ones, beside new ones in safetensors.
        var others = model.OtherFiles().Where(file => !PickleExtensions.Contains(Path.GetExtension(file))).ToList();
        using var folder = new AtomicFolder(destination);
        foreach (var file in others.Concat(plan.Unchanged.Select(part => part.RelativePath)))
            folder.Copy(Path.Combine(model.Path, file), file);
        var length = plan.Unchanged.Sum(part => part.File.Length)
            + plan.Changed.Sum(part => writer.Write(Path.Combine(folder.TemporaryPath, part.File.RelativePath), part.File, part.Tensors));
        folder.Commit();
        return length;
    }

    private static void CheckArguments(string modelPath, IReadOnlyList<LoraSource> loras, string destinationPath, CheckpointFuseOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        ArgumentNullException.ThrowIfNull(loras);
        ArgumentException.ThrowIfNullOrEmpty(destinationPath);
        ArgumentNullException.ThrowIfNull(options);
        if (loras.Count == 0)
            throw new ArgumentException("Name at least one LoRA.", nameof(loras));
        if (options.SaveDType is { } type && !type.IsFloatingPoint())
            throw new ArgumentException($"Weights are saved in a float type, not in {type.Token()}.", nameof(options));
    }

    private static void CheckDestination(FuseModel model, string destination, bool overwrite)
    {
        Destination.Check(destination, overwrite);
        if (!model.IsFolder && !destination.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"{destination} will be a safetensors file; let its name end in .safetensors.", nameof(destination));
        if (!model.IsFolder || destination == model.Path || !Directory.Exists(destination))
            return;
        if (!Directory.Exists(Path.Combine(destination, "unet")) && Directory.EnumerateFileSystemEntries(destination).Any())
            throw new ArgumentException($"{destination} is a folder of something else than a model, and would be lost. Choose another destination.", nameof(destination));
    }
}
