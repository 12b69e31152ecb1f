using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Models;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Sampling;

/// <summary>The tiny model of the examples, LoRAs with random weights for it, and a folder for what is made.</summary>
internal sealed class PictureCase : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static string Model { get; } = Path.Combine(TestFiles.RepositoryRoot, "examples", "models", "tiny");

    public static ImageOptions Options { get; } = new()
    {
        Prompt = "a zorb", NegativePrompt = "grey", Sampler = "Euler a", Steps = 3, Seed = 5, Width = 64, Height = 64, DestinationPath = "pictures",
    };

    public IEnumerable<string> Entries => _folder.Entries;

    public string File(string name) => _folder.File(name);

    /// <summary>Makes pictures in the folder.</summary>
    public IReadOnlyList<GeneratedImage> Make(ImageOptions options, string? model = null) =>
        ImageGenerator.Generate(model ?? Model, options with { DestinationPath = File(options.DestinationPath) });

    /// <summary>Writes a LoRA for every layer there is, all of whose factors are random.</summary>
    public string WriteLora(string name, long seed)
    {
        using var scope = NewDisposeScope();
        using var model = StableDiffusionModel.Load(Model);
        using var network = LoraNetwork.Create(model.UNet, model.TextEncoder, new() { Rank = 2, Alpha = 1, ConvRank = 3 }, seed);
        using (no_grad())
        {
            foreach (var (index, (_, factor, isUp)) in network.Parameters().Index())
            {
                if (isUp)
                    factor.copy_(new CounterRandom(seed, RandomPurpose.Noise, item: index).Normal(factor.shape).Times(0.1));
            }
        }

        LoraFileWriter.Write(File(name), network.ToStateDict(SafetensorsDType.F32), new Dictionary<string, string>(), spec: null);
        return File(name);
    }

    public void Dispose() => _folder.Dispose();
}
