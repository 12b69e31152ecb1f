using LoraPS.Engine.Formats;
using LoraPS.Engine.Models;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.ModelMaker;

/// <summary>Writes a model as diffusers keeps it: a folder a network, the tokenizer, and what ties them together.</summary>
public static class DiffusersFolderWriter
{
    private const int UsualSide = 512;
    private const int LatentFactor = 8;

    /// <summary>Writes a model with random weights, over what is there.</summary>
    /// <param name="path">The folder; made if it is missing.</param>
    /// <param name="weights">Sizes and weights.</param>
    /// <param name="dtype">Type of the weights in the files.</param>
    /// <exception cref="WriteFailedException">A file cannot be written.</exception>
    public static void Write(string path, RandomWeights weights, SafetensorsDType dtype)
    {
        ArgumentNullException.ThrowIfNull(weights);
        WriteNetworks(path, weights.Config, UsualSide, new(weights.Parameters, weights.Make, dtype));
        // A full-size text encoder reads with the full vocabulary, which is not ours to make.
        if (weights.Config.TextEncoder.VocabularySize == TokenizerFiles.SmallestSize)
            TokenizerFiles.Write(Path.Combine(path, "tokenizer"), []);
    }

    /// <summary>Writes a model that is in memory, without a tokenizer, over what is there.</summary>
    /// <param name="path">The folder; made if it is missing.</param>
    /// <param name="model">The model; not owned.</param>
    /// <param name="config">What is written of its sizes.</param>
    /// <param name="dtype">Type of the weights in the files.</param>
    /// <param name="pictureSide">Side of the pictures it was trained on, pixels.</param>
    /// <exception cref="WriteFailedException">A file cannot be written.</exception>
    public static void Write(string path, StableDiffusionModel model, StableDiffusionConfig config, SafetensorsDType dtype, int pictureSide)
    {
        var values = ModelParameter.Of(model).ToDictionary(found => found.Parameter, found => found.Value);
        WriteNetworks(path, config, pictureSide, new([.. values.Keys], parameter => values[parameter].detach(), dtype));
    }

    private static void WriteNetworks(string path, StableDiffusionConfig config, int pictureSide, Weights weights)
    {
        var (unet, vae, textEncoder) = config;
        WriteNetwork(Path.Combine(path, "unet"), ConfigFiles.UNet(unet, pictureSide / LatentFactor), "diffusion_pytorch_model", ModelPart.UNet, weights);
        WriteNetwork(Path.Combine(path, "vae"), ConfigFiles.Vae(vae, pictureSide), "diffusion_pytorch_model", ModelPart.Vae, weights);
        WriteNetwork(Path.Combine(path, "text_encoder"), ConfigFiles.TextEncoder(textEncoder), "model", ModelPart.TextEncoder, weights);
        WriteText(Path.Combine(path, "scheduler", "scheduler_config.json"), ConfigFiles.Scheduler);
        WriteText(Path.Combine(path, "model_index.json"), ConfigFiles.ModelIndex);
    }

    private static void WriteNetwork(string folder, string config, string file, ModelPart part, Weights weights)
    {
        WriteText(Path.Combine(folder, "config.json"), config);
        var parameters = weights.Parameters.Where(p => p.Part == part).ToDictionary(p => p.Name);
        SafetensorsWriter.Write(
            Path.Combine(folder, $"{file}.safetensors"),
            [.. parameters.Values.Select(p => new TensorSpec(p.Name, weights.DType, p.Shape))],
            new Dictionary<string, string> { ["format"] = "pt" },
            name => weights.Make(parameters[name]).to_type(weights.DType.ToScalarType()));
    }

    private static void WriteText(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private sealed record Weights(IReadOnlyList<ModelParameter> Parameters, Func<ModelParameter, Tensor> Make, SafetensorsDType DType);
}
