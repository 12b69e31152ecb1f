using LoraPS.Engine.Formats;
using LoraPS.ModelMaker;

namespace LoraPS.Bench.Models;

/// <summary>Full-size files with random weights, made at the first benchmark that needs them and kept in artifacts/bench.</summary>
public static class ArtifactFiles
{
    /// <summary>The folder; made if it is missing.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(
        Path.Combine(AppContext.GetData("LoraPS.Artifacts") as string ?? "artifacts", "bench")).FullName;

    /// <summary>A Stable Diffusion 1.5 checkpoint, float16, one file.</summary>
    public static string Checkpoint() =>
        Made("sd15-f16.safetensors", path => SingleFileWriter.Write(path, new RandomWeights(ModelPresets.Find("sd15"), seed: 1), SafetensorsDType.F16));

    /// <summary>A LoRA for it, float16.</summary>
    /// <param name="rank">Its rank and alpha.</param>
    /// <param name="variant">Told apart from others of that rank by it.</param>
    public static string Lora(int rank, string variant = "") => Made($"lora-r{rank}{variant}-f16.safetensors", path => RandomLora.Write(path, rank, SafetensorsDType.F16));

    /// <summary>The smallest model, as a folder, with the VAE of a preset.</summary>
    public static string SmallModel(string vae) => Made($"small-{vae}-vae", path => DiffusersFolderWriter.Write(
        path, new RandomWeights(ModelPresets.Tiny with { Vae = ModelPresets.Find(vae).Vae }, seed: 1), SafetensorsDType.F32));

    private static string Made(string name, Action<string> make)
    {
        var path = Path.Combine(Folder, name);
        if (!Path.Exists(path))
            make(path);
        return path;
    }
}
