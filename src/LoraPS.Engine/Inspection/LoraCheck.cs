using LoraPS.Engine.Formats;
using LoraPS.Engine.Formats.Torch;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Inspection;

/// <summary>Checks a LoRA file, by itself and against a model, and tells everything that is wrong at once.</summary>
/// <remarks>A damaged file is a finding here, not an exception.</remarks>
public static class LoraCheck
{
    /// <summary>Checks a file.</summary>
    /// <param name="path">The file; its problems are found, not thrown.</param>
    /// <param name="modelPath">A single-file checkpoint or diffusers folder whose header the modules are held against; null for none.</param>
    /// <param name="events">Told how far the work is.</param>
    /// <param name="cancellationToken">Asked before each tensor.</param>
    /// <exception cref="MissingFileException">The LoRA (LoraFileNotFound) or the model (ModelNotFound) does not exist.</exception>
    /// <exception cref="UnreadableFileException">A file cannot be read.</exception>
    /// <exception cref="SafetensorsFormatException">The model is damaged.</exception>
    public static LoraCheckResult Check(
        string path, string? modelPath = null, IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        var problems = new List<LoraProblem>();
        using var file = Open(path, problems);
        var modules = file is null ? [] : ModuleCheck.Run(file, problems);
        var (matched, possible) = (0, 0);
        if (file is not null)
        {
            TensorCheck.Run(file, problems, events, cancellationToken);
            MetadataCheck.Run(file, modules, problems);
            if (modelPath is not null)
                (matched, possible) = ModelCheck.Run(file, modules, modelPath, problems);
        }

        return new(
            Path.GetFullPath(path), modules.Count, modelPath is null ? null : Path.GetFullPath(modelPath), matched, possible,
            problems.OrderByDescending(problem => problem.IsError).ToArray());
    }

    private static SafetensorsFile? Open(string path, List<LoraProblem> problems)
    {
        try
        {
            return LoraFile.Open(path);
        }
        catch (SafetensorsFormatException e)
        {
            problems.Add(new(LoraProblemKind.Damaged, IsError: true, e.Tensor, e.Message));
            return null;
        }
        catch (TorchFileException e)
        {
            problems.Add(new(LoraProblemKind.Damaged, IsError: true, null, e.Message));
            return null;
        }
    }
}
