using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.ModelMaker;

/// <summary>Writes a model as diffusers keeps it: a folder a network, the tokenizer, and what ties them together.</summary>
public static class DiffusersFolderWriter
{
    /// <summary>Writes the folder, over what is there.</summary>
    /// <param name="path">The folder; made if it is missing.</param>
    /// <param name="weights">Sizes and weights.</param>
    /// <param name="dtype">Type of the weights in the files.</param>
    /// <exception cref="WriteFailedException">A file cannot be written.</exception>
    public static void Write(string path, RandomWeights weights, SafetensorsDType dtype)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var (unet, vae, textEncoder) = weights.Config;
        WriteNetwork(Path.Combine(path, "unet"), ConfigFiles.UNet(unet), "diffusion_pytorch_model", ModelPart.UNet, weights, dtype);
        WriteNetwork(Path.Combine(path, "vae"), ConfigFiles.Vae(vae), "diffusion_pytorch_model", ModelPart.Vae, weights, dtype);
        WriteNetwork(Path.Combine(path, "text_encoder"), ConfigFiles.TextEncoder(textEncoder), "model", ModelPart.TextEncoder, weights, dtype);
        // A full-size text encoder reads with the full vocabulary, which is not ours to make.
        if (textEncoder.VocabularySize == ByteTokenizer.Size)
            ByteTokenizer.Write(Path.Combine(path, "tokenizer"));
        WriteText(Path.Combine(path, "scheduler", "scheduler_config.json"), ConfigFiles.Scheduler);
        WriteText(Path.Combine(path, "model_index.json"), ConfigFiles.ModelIndex);
    }

    private static void WriteNetwork(string folder, string config, string file, ModelPart part, RandomWeights weights, SafetensorsDType dtype)
    {
        WriteText(Path.Combine(folder, "config.json"), config);
        var parameters = weights.Parameters.Where(p => p.Part == part).ToDictionary(p => p.Name);
        SafetensorsWriter.Write(
            Path.Combine(folder, $"{file}.safetensors"),
            [.. parameters.Values.Select(p => new TensorSpec(p.Name, dtype, p.Shape))],
            new Dictionary<string, string> { ["format"] = "pt" },
            name => weights.Make(parameters[name]).to_type(dtype.ToScalarType()));
    }

    private static void WriteText(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
