using System.Diagnostics;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
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
    /// <summary>Merges.</summary>
    /// <param name="modelPath">A single-file checkpoint (.safetensors, .ckpt), or a diffusers folder.</param>
    /// <param name="loras">At least one LoRA in sd-scripts naming.</param>
    /// <param name="destinationPath">The file or folder to make, of the same form as the model.</param>
    /// <param name="options">What to save, and whether to replace.</param>
    /// <param name="events">Told of progress and of LoRA modules the model does not have; may be null.</param>
    /// <param name="cancellationToken">Stops within a few megabytes, leaving nothing behind.</param>
    /// <returns>What was made.</returns>
    /// <exception cref="ArgumentException">No LoRA, a ratio that is no finite number, or a type or destination that cannot be.</exception>
    /// <exception cref="DestinationExistsException">Something is at the destination and may not be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same destination.</exception>
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
        ModelOutput.CheckDestination(model, destination, options.Overwrite);
        using var claim = Destination.Claim(destination, options.Overwrite);
        using var sources = new FuseSources(loras, model.Family == ModelFamily.StableDiffusionXL);
        if (options.SkipNonFinite)
            sources.Readers.ToList().ForEach(reader => reader.LeaveOutNonFinite(events));
        var plan = new FusePlan(model, sources, options.SaveDType);
        var output = new ModelOutput(model, plan.Files);
        plan.WarnOfUnmatched(events);

        TorchRuntime.EnsureLoaded();
        using var hashes = new FileHashes([.. sources.Readers.Select(reader => reader.Path), .. model.Files.Select(file => file.File.Path)]);
        var record = new FuseRecord(model, destination, "Checkpoint", [.. sources.Readers.Select(reader => reader.Title)], sources.Record);
        var length = output.Write(destination, new(record.Metadata, hashes, new FuseProgress("Merging into the model", output.Tensors, events), cancellationToken));
        var known = hashes.Wait(cancellationToken);
        return new(
            destination, sources.Record(path => known[path]), plan.MergedModules, plan.UnmatchedModules,
            output.Tensors.Count(tensor => tensor.IsComputed), output.Tensors.Count, length, clock.Elapsed);
    }

    /// <summary>Checks everything that <see cref="Merge"/> checks before it writes, from headers alone, and tells what would be made.</summary>
    /// <inheritdoc cref="Merge" path="/param"/>
    /// <inheritdoc cref="Merge" path="/exception"/>
    public static MergePreview Preview(string modelPath, IReadOnlyList<LoraSource> loras, string destinationPath, CheckpointFuseOptions options)
    {
        CheckArguments(modelPath, loras, destinationPath, options);
        using var model = new FuseModel(modelPath);
        ModelOutput.CheckDestination(model, Path.TrimEndingDirectorySeparator(Path.GetFullPath(destinationPath)), options.Overwrite);
        using var sources = new FuseSources(loras, model.Family == ModelFamily.StableDiffusionXL);
        var plan = new FusePlan(model, sources, options.SaveDType);
        return new(plan.MergedModules, Rank: null, plan.Files.SelectMany(file => file.Tensors).Sum(tensor => tensor.Spec.ByteCount));
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
}
