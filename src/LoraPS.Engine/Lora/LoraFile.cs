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
        Blocks = BlocksOf(modules);
        Ranks = Distinct(Numbers(modules, module => module.Rank));
        var kernels = modules.Where(module => module.IsKernel).ToList();
        var plain = kernels.Count == modules.Count ? modules : [.. modules.Except(kernels)];
        Rank = (long)MostCommon(Numbers(plain, module => module.Rank));
        ConvRank = kernels.Count == 0 ? null : (long)MostCommon(Numbers(kernels, module => module.Rank));
        Alpha = MostCommon(Numbers(plain, module => module.Alpha));
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

    /// <summary>The names of a file's modules in its order, in sd-scripts form.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static IReadOnlyList<string> ModulesIn(string path)
    {
        using var file = Open(path);
        return [.. Describe(file).Select(module => module.Name)];
    }

    private static IReadOnlyList<ModuleSummary> Describe(SafetensorsFile file) => LycorisModule.ReadAll(file) is { Count: > 0 } modules
        ? [.. modules.Select(module => module.Summary)]
        : [.. LoraModuleInfo.ReadAll(file, strict: false).Select(ModuleSummary.Of)];

    /// <summary>Opens a file that should be a LoRA.</summary>
    /// <exception cref="MissingFileException">There is no such file (error id LoraFileNotFound).</exception>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    /// <exception cref="SafetensorsFormatException">The file is not valid safetensors.</exception>
    internal static SafetensorsFile Open(string path) =>
        System.IO.Path.Exists(path) ? TensorFile.OpenUnmapped(path) : throw new MissingFileException(path, "LoraFileNotFound");

    private static List<string> FindTriggerWords(LoraMetadata metadata)
    {
        List<string> words = metadata.Values.TryGetValue(TriggerPhraseKey, out var phrase) && phrase.Length > 0 ? [phrase] : [];
        words.AddRange(metadata.TagFrequency().Select(tag => tag.Key).Take(MostTriggerWords));
        return words;
    }

    // Arrays and loops from here on: queries over enums and numbers are not compiled ahead of time, and compiling them
    // took a third of the first read of a session.
    private static UNetBlock[] BlocksOf(IReadOnlyList<ModuleSummary> modules)
    {
        var found = new bool[(int)UNetBlock.OUT11 + 1];
        foreach (var module in modules)
        {
            if (BlockLocator.Find(module.Name) is { } block)
                found[(int)block] = true;
        }

        var blocks = new UNetBlock[found.AsSpan().Count(true)];
        for (int place = 0, block = 0; block < found.Length; block++)
        {
            if (found[block])
                blocks[place++] = (UNetBlock)block;
        }

        return blocks;
    }

    /// <summary>A number of each module, smallest first. Ranks are small enough to be exact.</summary>
    private static double[] Numbers(IReadOnlyList<ModuleSummary> modules, Func<ModuleSummary, double> number)
    {
        var numbers = new double[modules.Count];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = number(modules[i]);
        Array.Sort(numbers);
        return numbers;
    }

    private static long[] Distinct(double[] sorted)
    {
        var (distinct, count) = (new long[sorted.Length], 0);
        foreach (var number in sorted)
        {
            if (count == 0 || distinct[count - 1] != (long)number)
                distinct[count++] = (long)number;
        }

        return distinct[..count];
    }

    /// <summary>The most common number; of several, the largest.</summary>
    private static double MostCommon(double[] sorted)
    {
        var (best, most, run) = (sorted[0], 0, 0);
        for (var i = 0; i < sorted.Length; i++)
        {
            run = i > 0 && sorted[i].Equals(sorted[i - 1]) ? run + 1 : 1;
            if (run >= most)
                (best, most) = (sorted[i], run);
        }

        return best;
    }
}
