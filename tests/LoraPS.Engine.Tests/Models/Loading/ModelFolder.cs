using LoraPS.Engine.Formats;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.Loading;

/// <summary>A temporary diffusers folder with the weights of the small Stable Diffusion 1 model.</summary>
internal sealed class ModelFolder : IDisposable
{
    public ModelFolder()
    {
        Path = Directory.CreateTempSubdirectory("model").FullName;
        using var model = TinyModels.Sd1();
        Write("unet", "diffusion_pytorch_model.safetensors", model.UNet, """
            {"block_out_channels": [32, 32, 32, 64], "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
             "attention_head_dim": 8, "cross_attention_dim": 32, "in_channels": 4, "layers_per_block": 2}
            """);
        Write("vae", "diffusion_pytorch_model.safetensors", model.Vae, """
            {"block_out_channels": [32, 32, 32, 32], "latent_channels": 4, "scaling_factor": 0.25}
            """);
        Write("text_encoder", "model.safetensors", model.TextEncoder, """
            {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 64, "hidden_act": "quick_gelu"}
            """);
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a weight file again with some of its tensors changed.</summary>
    public void Change(string file, Action<Dictionary<string, Tensor>> change)
    {
        Dictionary<string, Tensor> tensors;
        using (var old = SafetensorsFile.Open(this[file]))
            tensors = old.Tensors.ToDictionary(info => info.Name, info => old.Read(info.Name));
        change(tensors);
        SafetensorsWriter.Write(this[file], tensors, new Dictionary<string, string>());
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void Write(string folder, string weights, nn.Module module, string config)
    {
        Directory.CreateDirectory(this[folder]);
        File.WriteAllText(System.IO.Path.Combine(this[folder], "config.json"), config);
        SafetensorsWriter.Write(System.IO.Path.Combine(this[folder], weights), module.state_dict(), new Dictionary<string, string>());
    }
}
