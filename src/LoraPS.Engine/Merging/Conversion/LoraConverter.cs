using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>Brings LoRA files of Stable Diffusion 1, 2 and XL from one form into another.</summary>
/// <remarks>
/// Factors keep their bytes. Alphas go where the form has a place for them, and else, as alpha/rank, into up in the factor's
/// own type, which is exact for powers of two; so there and back gives the same factors. What a form cannot hold is refused
/// with names, never left out.
/// </remarks>
public static class LoraConverter
{
    private const int Shown = 4;

    /// <summary>Converts a file; the form it is in is told by its keys.</summary>
    /// <param name="path">A LoRA in any of the forms: a file, or a folder as the PEFT library saves it.</param>
    /// <param name="destinationPath">The LoRA to write, whole or not at all: a file, or for <see cref="LoraFormat.PeftFolder"/> a folder.</param>
    /// <param name="format">The form to write.</param>
    /// <param name="options">What to do with alphas, and whether to replace.</param>
    /// <param name="events">Told of what readers of the form may pass over.</param>
    /// <param name="cancellationToken">Asked before each tensor.</param>
    /// <exception cref="LoraMergeException">The file has keys that are not known (LoraKeysUnknown), the form cannot hold all modules (LoraFormatCannotHold), or a number no longer fits its type (LoraOverflow).</exception>
    /// <exception cref="UnrecognisedLoraException">The file is no LoRA in a known form.</exception>
    /// <exception cref="PeftConfigException">The configuration in a PEFT folder is damaged (PeftConfigInvalid), or of something else than a plain LoRA (PeftConfigUnsupported).</exception>
    /// <exception cref="MissingFileException">There is no such file (error id LoraFileNotFound); a PEFT folder has no configuration (PeftConfigMissing) or no weights (PeftWeightsMissing).</exception>
    /// <exception cref="ArgumentException">The destination is a folder of something else than a PEFT LoRA.</exception>
    /// <exception cref="SafetensorsFormatException">The file is damaged.</exception>
    /// <exception cref="DestinationExistsException">The destination exists and may not be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same destination.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static LoraConvertResult Convert(
        string path,
        string destinationPath,
        LoraFormat format,
        LoraConvertOptions? options = null,
        IProgress<EngineEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        using var claim = Destination.Claim(destinationPath, options.Overwrite);
        if (format == LoraFormat.PeftFolder)
            PeftFolder.CheckDestination(destinationPath);
        using var input = ConversionInput.Open(path, options.SkipOthers, events);
        var modules = input.Modules;
        var target = LoraNamings.For(format, [.. modules.Select(module => (module.Part, module.Path))], input.IsXl);
        CheckHolds(path, target, modules);

        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var folds = options.FoldAlpha || format is not (LoraFormat.Kohya or LoraFormat.Peft or LoraFormat.PeftFolder);
        var tensors = new Dictionary<LoraTensorName, Tensor>();
        foreach (var module in modules)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Add(tensors, target, module, folds);
        }

        if (tensors.Where(tensor => !Finite.All(tensor.Value)).Select(tensor => target.Write(tensor.Key)).ToList() is { Count: > 0 } broken)
            events?.Report(new WarningEvent("LoraTensorsNotFinite", $"{path}: {broken.Count} tensors hold NaN or infinite numbers, {broken[0]} first; they are kept as they are.", path));
        IReadOnlyList<ConvertedModule> written = folds ? [.. modules.Select(module => module with { Alpha = module.Rank })] : modules;
        if (format == LoraFormat.Peft && written.Any(module => !module.IsOfStrengthOne))
            events?.Report(new WarningEvent("AlphasInMetadata", $"{destinationPath}: alphas are in the metadata, which diffusers before 0.34 passes over. Fold them in for such readers.", destinationPath));
        // All is read, and not every system lets a folder be replaced while files in it are open.
        input.Dispose();
        ConvertedFile.Write(destinationPath, target, tensors, written, input.Metadata);
        return new(Path.GetFullPath(destinationPath), input.Format, format, modules.Count, folds ? modules.Count(module => !module.IsOfStrengthOne) : 0);
    }

    /// <summary>Where a result goes: to the destination itself, or where that is a folder of other things, into it under the name of the source.</summary>
    /// <param name="path">The LoRA that is read.</param>
    /// <param name="destinationPath">A file or folder, there or not.</param>
    /// <param name="format">The form to write.</param>
    public static string DestinationOf(string path, string destinationPath, LoraFormat format)
    {
        if (!Directory.Exists(destinationPath) || (format == LoraFormat.PeftFolder && PeftAdapter.IsFolderOf(destinationPath)))
            return destinationPath;
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return Path.Combine(destinationPath, (Directory.Exists(path), format) switch
        {
            (true, not LoraFormat.PeftFolder) => name + ".safetensors",
            (false, LoraFormat.PeftFolder) => Path.GetFileNameWithoutExtension(name),
            _ => name,
        });
    }

    private static void Add(Dictionary<LoraTensorName, Tensor> tensors, ILoraNaming target, ConvertedModule module, bool folds)
    {
        LoraTensorName Key(LoraTensorKind kind) => new(module.Part, module.Path, kind);
        var up = module.File.Read(module.Up.Name);
        tensors.Add(Key(LoraTensorKind.Down), module.File.Read(module.Down.Name));
        tensors.Add(Key(LoraTensorKind.Up), folds && !module.IsOfStrengthOne ? Folded(module, up) : up);
        if (target.Format == LoraFormat.Kohya)
            tensors.Add(Key(LoraTensorKind.Alpha), tensor((float)(folds ? module.Rank : module.Alpha)).to(AlphaType(module)));
    }

    private static Tensor Folded(ConvertedModule module, Tensor up)
    {
        var folded = up.to(ScalarType.Float32).Times(module.Alpha / module.Rank).to(up.dtype);
        return Finite.All(folded) ? folded : throw new LoraMergeException(
            "LoraOverflow", $"{module.File.Path}: '{module.Up.Name}' times alpha/rank = {module.Alpha / module.Rank:g4} does not fit {module.Up.DType.Token()}, or holds NaN.", module.File.Path);
    }

    // Where the factors' type would round the alpha, float32 keeps it.
    private static ScalarType AlphaType(ConvertedModule module)
    {
        var type = module.Up.DType.ToScalarType();
        using var rounded = tensor((float)module.Alpha).to(type).to(ScalarType.Float32);
        return rounded.item<float>() == (float)module.Alpha ? type : ScalarType.Float32;
    }

    private static void CheckHolds(string path, ILoraNaming target, IReadOnlyList<ConvertedModule> modules)
    {
        var unheld = modules.Where(module => target.Write(new(module.Part, module.Path, LoraTensorKind.Down)) is null).Select(module => module.Path).ToList();
        if (unheld.Count > 0)
            throw CannotHold(path, target, $"has no names for {unheld.Count} of its modules", unheld);
        if (target is CloneofsimoLoraNaming numbered
            && numbered.Modules.Except(modules.Select(module => (module.Part, module.Path))).Select(module => module.Path).ToList() is { Count: > 0 } absent)
        {
            throw CannotHold(path, target, $"numbers all layers through, and the LoRA lacks {absent.Count} of them", absent);
        }
    }

    private static LoraMergeException CannotHold(string path, ILoraNaming target, string why, List<string> names) => new(
        "LoraFormatCannotHold", $"{path} cannot be written in {target.Format} form, which {why}: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? " …" : "")}. Choose another form.", path);
}
