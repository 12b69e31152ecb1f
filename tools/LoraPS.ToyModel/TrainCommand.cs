using LoraPS.Engine.Formats;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.ModelMaker;
using LoraPS.ToyModel.Learning;
using LoraPS.ToyModel.World;

namespace LoraPS.ToyModel;

/// <summary>Trains the model, part by part, and writes it.</summary>
internal static class TrainCommand
{
    private const int CaptionsRead = 20_000;
    private const double VaeRate = 2e-3;
    private const double Rate = 1e-3;

    /// <summary>Trains and writes.</summary>
    public static void Run(CommandLine line)
    {
        var (work, destination, seed) = (line.Text("work", "artifacts/toy"), line.Text("destination", "examples/models/toy"), line.Number("seed", 1));
        Directory.CreateDirectory(work);
        var vocabulary = Path.Combine(work, "tokenizer");
        var merges = BytePairs.Learn(Enumerable.Range(0, CaptionsRead).Select(number => ToyWorld.Scene(seed, number).Caption));
        TokenizerFiles.Write(vocabulary, merges);
        var tokenizer = new ClipTokenizer(ClipVocabulary.Load(vocabulary));
        var config = ToySizes.For(tokenizer.VocabularySize);
        using var model = ToyNetworks.Fresh(config, seed);
        Console.WriteLine($"{tokenizer.VocabularySize} tokens; weights: U-Net {Count(model.UNet):N0}, VAE {Count(model.Vae):N0}, text encoder {Count(model.TextEncoder):N0}");

        new VaeLearning(model.Vae, line.Number("vae-batch", 8), Options("VAE", "vae", line.Number("vae-steps", 2400), VaeRate) with { AverageDecay = 0.99 }).Run();
        var scalingFactor = Math.Round(1 / DenoiserLearning.Spread(model.Vae, seed), 4);
        Console.WriteLine(FormattableString.Invariant($"scaling factor {scalingFactor}"));
        new DenoiserLearning(model, scalingFactor, tokenizer, line.Number("batch", 64), Options("U-Net", "unet", line.Number("steps", 4000), Rate)).Run();
        DiffusersFolderWriter.Write(destination, model, config with { Vae = config.Vae with { ScalingFactor = scalingFactor } }, SafetensorsDType.F16, ToyScene.Side);
        TokenizerFiles.Write(Path.Combine(destination, "tokenizer"), merges);

        WeightTrainingOptions Options(string activity, string file, int steps, double rate) =>
            new(activity, Path.Combine(work, $"{file}.safetensors"), steps, rate, seed);
    }

    private static long Count(TorchSharp.torch.nn.Module network) => ToyNetworks.Weights(network).Sum(weight => weight.Value.numel());
}
