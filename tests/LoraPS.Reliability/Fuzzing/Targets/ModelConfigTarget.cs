using LoraPS.Engine.Models.Loading;
using LoraPS.Engine.Tests;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>The config.json files of a diffusers folder.</summary>
internal sealed class ModelConfigTarget : FuzzTarget
{
    private const int BuiltShare = 20;
    private static readonly string[] Parts = ["unet", "vae", "text_encoder"];
    private static readonly string Model = Path.Combine(TestFiles.RepositoryRoot, "examples", "models", "tiny");

    public override string Name => "config.json";

    protected override IReadOnlyList<byte[]> Seeds { get; } = [.. Parts.Select(part => File.ReadAllBytes(Path.Combine(Model, part, "config.json")))];

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8("\"block_out_channels\":", "[32, 64]", "2147483647", "1000000", "\"layers_per_block\":", "\"norm_num_groups\":", "\"num_hidden_layers\":", "null", "\"\\ud800\"", "[", "{");

    public override void Try(byte[] input, string folder)
    {
        // The seed it was made of is told by a word that only one of them has.
        var own = input.AsSpan().IndexOf("latent_channels"u8) >= 0 ? "vae" : input.AsSpan().IndexOf("hidden_act"u8) >= 0 ? "text_encoder" : "unet";
        foreach (var part in Parts)
        {
            var target = Directory.CreateDirectory(Path.Combine(folder, "model", part)).FullName;
            var weights = Directory.EnumerateFiles(Path.Combine(Model, part), "*.safetensors").Single();
            var link = Path.Combine(target, Path.GetFileName(weights));
            if (!File.Exists(link))
                File.Copy(weights, link);
            File.WriteAllBytes(Path.Combine(target, "config.json"), part == own ? input : File.ReadAllBytes(Path.Combine(Model, part, "config.json")));
        }

        var model = Path.Combine(folder, "model");
        CheckpointLoader.ReadConfig(model);
        // Building takes a hundred times as long as reading.
        if (input.Length % BuiltShare == 0)
            CheckpointLoader.Load(model, new()).Dispose();
    }
}
