using LoraPS.Reliability.Fuzzing.Targets;

namespace LoraPS.Reliability.Fuzzing;

/// <summary>All that is fuzzed.</summary>
internal static class FuzzTargets
{
    /// <summary>One each.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new SafetensorsTarget(), new PickleTarget(), new LoraFileTarget(), new MetadataTarget(), new DatasetTomlTarget(), new DatasetJsonTarget(),
        new TrainingTomlTarget(), new CaptionTarget(), new PromptTarget(), new PromptFileTarget(), new PictureTarget(), new TrainingStateTarget(), new CacheTarget(), new TokenizerTarget(), new ModelConfigTarget(), new PeftConfigTarget(),
    ];

    /// <summary>One by its name.</summary>
    public static FuzzTarget Find(string name) => All.Single(target => target.Name == name);
}
