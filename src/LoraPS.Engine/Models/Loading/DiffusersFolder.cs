using LoraPS.Engine.Formats;
using LoraPS.Engine.Models.Vae;

namespace LoraPS.Engine.Models.Loading;

/// <summary>A model as diffusers keeps it: a folder a network, each with its config.json and its weights.</summary>
internal static class DiffusersFolder
{
    private static readonly string[] UNetAndVaeWeights = ["diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors", "diffusion_pytorch_model.bin"];
    private static readonly string[] TextEncoderWeights = ["model.safetensors", "model.fp16.safetensors", "pytorch_model.bin"];

    public static CheckpointContents Open(string path)
    {
        if (Directory.Exists(Path.Combine(path, "text_encoder_2")))
            throw new UnsupportedModelException(path, "a model with two text encoders, such as Stable Diffusion XL");
        string unet = Find(path, "unet", "config.json"), vae = Find(path, "vae", "config.json"), text = Find(path, "text_encoder", "config.json");
        string[] weights =
            [Find(path, "unet", UNetAndVaeWeights), Find(path, "vae", UNetAndVaeWeights), Find(path, "text_encoder", TextEncoderWeights)];
        var config = new StableDiffusionConfig(
            FolderConfig.UNet(ConfigJson.Read(unet)), FolderConfig.Vae(ConfigJson.Read(vae)), FolderConfig.TextEncoder(ConfigJson.Read(text)));
        if (config.UNet.UseLinearProjection)
            throw new UnsupportedModelException(path, "a model with linear projections in its U-Net, such as Stable Diffusion 2");

        var files = new List<SafetensorsFile>();
        try
        {
            files.AddRange(weights.Select(TensorFile.Open));
            return new CheckpointContents(
                config,
                Part("U-Net", files[0], name => name),
                Part("VAE", files[1], LegacyVaeNames.ToCurrent),
                Part("text encoder", files[2], name => name),
                Unexpected: [],
                files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>The autoencoder alone, of a whole model or in a folder of its own.</summary>
    public static VaeContents OpenVae(string path)
    {
        var folder = Directory.Exists(Path.Combine(path, "vae")) ? "vae" : ".";
        var config = FolderConfig.Vae(ConfigJson.Read(Find(path, folder, "config.json")));
        var file = TensorFile.Open(Find(path, folder, UNetAndVaeWeights));
        return new(config, Part("VAE", file, LegacyVaeNames.ToCurrent), file);
    }

    /// <summary>The first of some files that is there.</summary>
    private static string Find(string path, string folder, params string[] names) =>
        names.Select(name => Path.Combine(path, folder, name)).FirstOrDefault(File.Exists)
        ?? throw new ModelNotFoundException(path, $"looked for {folder}/{string.Join($" or {folder}/", names)}, which a diffusers folder has. Name such a folder, or a single .safetensors checkpoint.");

    private static PartTensors Part(string name, SafetensorsFile file, Func<string, string> rename) => new(
        name,
        file.Tensors.Where(info => !CheckpointExtras.IsBuffer(info.Name))
            .ToDictionary(info => rename(info.Name), info => new StoredTensor(file, info), StringComparer.Ordinal));
}
