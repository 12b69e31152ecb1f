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
    public const int Steps = 200;

    private const int BatchSize = 6;
    private const int Repeats = 2;
    private const double MinSnrGamma = 5;
    private const double LearningRate = 3e-3;

    /// <summary>Trains.</summary>
    /// <param name="modelPath">The model.</param>
    /// <param name="images">The folder with both folders of pictures, <c>images</c> and <c>regularization</c>.</param>
    /// <param name="destination">The LoRA file.</param>
    /// <param name="kind">Kind of network.</param>
    /// <param name="steps">Steps.</param>
    /// <returns>The file.</returns>
    public static string Run(string modelPath, string images, string destination, NetworkKind kind = NetworkKind.Lora, int steps = Steps)
    {
        var zorbs = new SubsetOptions { ImageDirectory = Path.Combine(images, "images"), CaptionExtension = ".txt", Repeats = Repeats };
        var world = zorbs with { ImageDirectory = Path.Combine(images, "regularization"), Repeats = 1, IsRegularization = true };
        var dataset = LoraDataset.Create(images, [new()
        {
            Resolution = new ImageSize(World.ToyScene.Side, World.ToyScene.Side), BatchSize = BatchSize, Subsets = [zorbs, world],
        }]);
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
