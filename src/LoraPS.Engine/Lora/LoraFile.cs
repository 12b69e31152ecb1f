using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Lora;

/// <summary>What a LoRA file is, from its header alone: cheap for thousands of files, safe to sort, export and hold.</summary>
/// <remarks>Holds no tensors and no open file. Reading one never loads libtorch.</remarks>
public sealed record LoraFile
{
    private const int MostTriggerWords = 10;
    private const string TriggerPhraseKey = ModelSpec.Prefix + "trigger_phrase";

    private LoraFile(string path, long length, IReadOnlyList<ModuleSummary> modules, LoraMetadata metadata)
    {
        Path = path;
        Length = length;
        Metadata = metadata.Values;
        ModuleCount = modules.Count;
        UNetModules = modules.Count(module => module.IsUNet);
        Blocks = modules.Select(module => BlockLocator.Find(module.Name)).OfType<UNetBlock>().Distinct().Order().ToArray();
        Ranks = modules.Select(module => module.Rank).Distinct().Order().ToArray();
        var kernels = modules.Where(module => module.IsKernel).ToList();
        var plain = kernels.Count == modules.Count ? modules : [.. modules.Except(kernels)];
        Rank = MostCommon(plain.Select(module => module.Rank));
        ConvRank = kernels.Count == 0 ? null : MostCommon(kernels.Select(module => module.Rank));
        Alpha = MostCommon(plain.Select(module => module.Alpha));
        NetworkModule = metadata.NetworkModule;
        BaseModel = metadata.BaseModelVersion;
        TriggerWords = FindTriggerWords(metadata);
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>File name without its extension.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>File size in bytes.</summary>
    public long Length { get; }

    /// <summary>How many layers it changes.</summary>
    public int ModuleCount { get; }

    /// <summary>How many of them are the U-Net's.</summary>
    public int UNetModules { get; }

    /// <summary>How many of them are the text encoders'.</summary>
    public int TextEncoderModules => ModuleCount - UNetModules;

    /// <summary>The blocks of the model that it changes, in their order; BASE is the text encoders.</summary>
    public IReadOnlyList<UNetBlock> Blocks { get; }

    /// <summary>All ranks that occur, smallest first.</summary>
    public IReadOnlyList<long> Ranks { get; }

    /// <summary>The most common rank of the modules without a spatial kernel; of all modules when all have one.</summary>
    public long Rank { get; }

    /// <summary>The most common rank of the modules with a spatial kernel, or null when there are none.</summary>
    public long? ConvRank { get; }

    /// <summary>The most common alpha of the modules <see cref="Rank"/> counts. The LoRA's strength is alpha / rank.</summary>
    public double Alpha { get; }

    /// <summary>Class of the network as the trainer named it, or null.</summary>
    public string? NetworkModule { get; }

    /// <summary>Family of the model it was trained on as the trainer named it, or null.</summary>
    public string? BaseModel { get; }

    /// <summary>The trigger phrase its maker named, then up to ten most frequent tags of its captions.</summary>
    public IReadOnlyList<string> TriggerWords { get; }

    /// <summary>The file's whole metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Describes a file.</summary>
    /// <exception cref="MissingFileException">There is no such file (error id LoraFileNotFound).</exception>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    /// <exception cref="SafetensorsFormatException">The file is not valid safetensors.</exception>
    /// <exception cref="UnrecognisedLoraException">The file is no LoRA in sd-scripts naming, nor a LoHa or LoKr.</exception>
    public static LoraFile Read(string path)
    {
        using var file = Open(path);
        return new(System.IO.Path.GetFullPath(path), file.Length, Describe(file), new(file.Metadata));
    }

    private static IReadOnlyList<ModuleSummary> Describe(SafetensorsFile file) => LycorisModule.ReadAll(file) is { Count: > 0 } modules
        ? [.. modules.Select(module => module.Summary)]
        : [.. LoraModuleInfo.ReadAll(file, strict: false).Select(ModuleSummary.Of)];

    /// <summary>Opens a file that should be a LoRA.</summary>
    /// <exception cref="MissingFileException">There is no such file (error id LoraFileNotFound).</exception>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    /// <exception cref="SafetensorsFormatException">The file is not valid safetensors.</exception>
    internal static SafetensorsFile Open(string path) =>
        System.IO.Path.Exists(path) ? TensorFile.Open(path) : throw new MissingFileException(path, "LoraFileNotFound");

    private static List<string> FindTriggerWords(LoraMetadata metadata)
    {
        List<string> words = metadata.Values.TryGetValue(TriggerPhraseKey, out var phrase) && phrase.Length > 0 ? [phrase] : [];
        words.AddRange(metadata.TagFrequency().Select(tag => tag.Key).Take(MostTriggerWords));
        return words;
    }

    private static T MostCommon<T>(IEnumerable<T> values) =>
        values.GroupBy(value => value).OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key).First().Key;
}
