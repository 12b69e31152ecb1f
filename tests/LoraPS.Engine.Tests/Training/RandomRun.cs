using LoraPS.Engine.Data;
using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

/// <summary>A run in which everything is drawn that can be: captions, flips, crops, dropouts.</summary>
internal static class RandomRun
{
    public const int Steps = 7;

    public static LoraDataset Dataset(string pictures, bool randomCrop = false) => TrainingFolder.Dataset(pictures, subset: new SubsetOptions
    {
        CaptionExtension = ".txt",
        FlipAugmentation = true,
        RandomCrop = randomCrop,
        Caption = new CaptionOptions { Shuffle = true, DropoutRate = 0.1, TagDropoutRate = 0.2 },
    });

    public static TrainingOptions Options(string destination) => TrainingFolder.OptionsFor(destination) with
    {
        MaxTrainSteps = Steps,
        Network = new() { Dropout = 0.1, RankDropout = 0.1, ModuleDropout = 0.1 },
    };
}
