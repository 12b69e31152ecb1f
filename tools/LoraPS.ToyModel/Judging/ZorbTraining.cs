using LoraPS.Engine.Data;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Training;
using LoraPS.Engine.Training.LearningRates;

namespace LoraPS.ToyModel.Judging;

/// <summary>Trains a LoRA on the pictures of a zorb, with the settings of examples/quickstart.ps1.</summary>
public static class ZorbTraining
{
    /// <summary>Rank, and alpha.</summary>
    public const int Rank = 8;

    private const int Steps = 200;
    private const int DyLoraSteps = 240;

    private const int BatchSize = 6;
    private const int Repeats = 2;
    private const double MinSnrGamma = 5;
    private const double LearningRate = 3e-3;
    private const int DyLoraUnit = 2;
    private const double DyLoraLearningRate = 5e-3;

    /// <summary>Trains.</summary>
    /// <param name="modelPath">The model.</param>
    /// <param name="images">The folder with both folders of pictures, <c>images</c> and <c>regularization</c>.</param>
    /// <param name="destination">The LoRA file.</param>
    /// <param name="kind">Kind of network; a DyLoRA learns two ranks at a time, longer and faster.</param>
    /// <returns>The file.</returns>
    public static string Run(string modelPath, string images, string destination, NetworkKind kind = NetworkKind.Lora)
    {
        var isDyLora = kind == NetworkKind.DyLora;
        var dataset = LoraDataset.FromFolder(
            Path.Combine(images, "images"),
            new() { Resolution = new ImageSize(World.ToyScene.Side, World.ToyScene.Side), BatchSize = BatchSize },
            new() { CaptionExtension = ".txt", Repeats = Repeats },
            regularizationPath: Path.Combine(images, "regularization"));
        var options = new TrainingOptions
        {
            DestinationPath = destination,
            Network = new() { Kind = kind, Rank = Rank, Alpha = Rank, ConvRank = Rank, ConvAlpha = Rank, Unit = isDyLora ? DyLoraUnit : 1 },
            LearningRate = isDyLora ? DyLoraLearningRate : LearningRate,
            Loss = new() { MinSnrGamma = MinSnrGamma },
            LrSchedule = new LrScheduleOptions { Name = "cosine" },
            MaxTrainSteps = isDyLora ? DyLoraSteps : Steps,
            Seed = 1,
            Overwrite = true,
        };
        return LoraTrainer.Train(modelPath, dataset, options).Path;
    }
}
