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

    /// <summary>Steps.</summary>
    public const int Steps = 100;

    private const int BatchSize = 6;
    private const double MinSnrGamma = 5;
    private const double LearningRate = 3e-3;

    /// <summary>Trains.</summary>
    /// <param name="modelPath">The model.</param>
    /// <param name="imagePath">Folder of pictures and captions.</param>
    /// <param name="destination">The LoRA file.</param>
    /// <param name="kind">Kind of network.</param>
    /// <param name="steps">Steps.</param>
    /// <returns>The file.</returns>
    public static string Run(string modelPath, string imagePath, string destination, NetworkKind kind = NetworkKind.Lora, int steps = Steps)
    {
        var dataset = LoraDataset.FromFolder(
            imagePath,
            new DatasetOptions { Resolution = new ImageSize(World.ToyScene.Side, World.ToyScene.Side), BatchSize = BatchSize },
            new SubsetOptions { CaptionExtension = ".txt" });
        var options = new TrainingOptions
        {
            DestinationPath = destination,
            Network = new() { Kind = kind, Rank = Rank, Alpha = Rank, ConvRank = Rank, ConvAlpha = Rank },
            LearningRate = LearningRate,
            Loss = new() { MinSnrGamma = MinSnrGamma },
            LrSchedule = new LrScheduleOptions { Name = "cosine" },
            MaxTrainSteps = steps,
            Seed = 1,
            Overwrite = true,
        };
        return LoraTrainer.Train(modelPath, dataset, options).Path;
    }
}
