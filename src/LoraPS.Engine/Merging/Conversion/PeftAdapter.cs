using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>An adapter as the PEFT library saves it: a configuration and, beside it, the weights of one network.</summary>
/// <param name="ConfigPath">Its adapter_config.json.</param>
/// <param name="WeightsPath">Its adapter_model.safetensors, or an older adapter_model.bin.</param>
/// <param name="IsSecondEncoder">Whether it is of the second text encoder.</param>
internal sealed record PeftAdapter(string ConfigPath, string WeightsPath, bool IsSecondEncoder)
{
    /// <summary>Name of the weights that are written.</summary>
    public const string WeightsName = "adapter_model.safetensors";

    private const string PickledName = "adapter_model.bin";

    /// <summary>The adapters in a folder: its own, or those of the networks in it, such as <c>unet</c> and <c>text_encoder</c>.</summary>
    /// <exception cref="MissingFileException">A folder has no configuration (PeftConfigMissing) or no weights (PeftWeightsMissing).</exception>
    public static IReadOnlyList<PeftAdapter> In(string folder)
    {
        var parts = IsAdapter(folder) ? [] : DiffusersPrefixes.Folders.Select(part => Path.Combine(folder, part.Folder)).Where(IsAdapter).ToList();
        return [.. (parts.Count == 0 ? [folder] : parts).Select(Of)];
    }

    /// <summary>The adapter that a file is the weights of.</summary>
    public static PeftAdapter OfWeights(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new(Path.Combine(folder, PeftConfig.FileName), path, IsSecond(folder));
    }

    /// <summary>True for a folder with adapters in it, or a part of one.</summary>
    public static bool IsFolderOf(string folder) => IsAdapter(folder) || DiffusersPrefixes.Folders.Any(part => IsAdapter(Path.Combine(folder, part.Folder)));

    private static PeftAdapter Of(string folder)
    {
        var config = Path.Combine(folder, PeftConfig.FileName);
        if (!File.Exists(config))
            throw new MissingFileException(config, "PeftConfigMissing");
        var weights = Array.Find([WeightsName, PickledName], name => File.Exists(Path.Combine(folder, name))) ?? throw new MissingFileException(Path.Combine(folder, WeightsName), "PeftWeightsMissing");
        return new(config, Path.Combine(folder, weights), IsSecond(folder));
    }

    private static bool IsAdapter(string folder) => File.Exists(Path.Combine(folder, PeftConfig.FileName)) || File.Exists(Path.Combine(folder, WeightsName));

    private static bool IsSecond(string folder) =>
        DiffusersPrefixes.Folders.Any(part => part.Part == ModelPart.TextEncoder2 && part.Folder == Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
}
