using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

/// <summary>The small checkpoint, LoRAs for it, and a folder for what is made of them.</summary>
internal sealed class FuseCase : IDisposable
{
    public const string Prefix = "model.diffusion_model.";

    private readonly TemporaryFolder _folder = new();

    public static string Model { get; } = TestFiles.Fixture("unet/sd1_checkpoint.safetensors");

    public static string C3Lier { get; } = TestFiles.Fixture("lora/c3lier_init.safetensors");

    public static string LierLa { get; } = TestFiles.Fixture("lora/lierla_init.safetensors");

    public string Destination => _folder.File("merged.safetensors");

    public IEnumerable<string> Entries => _folder.Entries;

    public string File(string name) => _folder.File(name);

    public CheckpointFuseResult Merge(params LoraSource[] loras) => Merge(Model, new(), loras);

    public CheckpointFuseResult Merge(string model, CheckpointFuseOptions options, params LoraSource[] loras) =>
        CheckpointFuser.Merge(model, loras, Destination, options);

    /// <summary>Writes a LoRA, or any other file of tensors.</summary>
    public string Write(string name, params (string Key, Tensor Value)[] tensors)
    {
        var path = File(name);
        SafetensorsWriter.Write(path, tensors.ToDictionary(t => t.Key, t => t.Value), new Dictionary<string, string>());
        return path;
    }

    /// <summary>Writes a LoRA of one module, all factors alike.</summary>
    public string WriteLora(string name, string module, Tensor down, Tensor up, Tensor? alpha = null) => Write(
        name,
        [($"{module}.lora_down.weight", down), ($"{module}.lora_up.weight", up), .. alpha is null ? [] : new[] { ($"{module}.alpha", alpha) }]);

    /// <summary>Writes a single-file checkpoint as the weights of a diffusers folder.</summary>
    public string WriteFolder(string name, string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(checkpoint);
        foreach (var (part, path) in new[]
        {
            (ModelPart.UNet, "unet/diffusion_pytorch_model.safetensors"), (ModelPart.TextEncoder, "text_encoder/model.safetensors"), (ModelPart.Vae, "vae/diffusion_pytorch_model.safetensors"),
        })
        {
            var tensors = new Dictionary<string, Tensor>();
            foreach (var info in file.Tensors)
            {
                if (LdmNames.TryToDiffusers(info.Name, out var found, out var key) && found == part)
                    tensors[key] = file.Read(info.Name);
            }

            SafetensorsWriter.Write(Path.Combine(File(name), path), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        }

        return File(name);
    }

    /// <summary>Writes a checkpoint with some of its tensors changed.</summary>
    public string WriteChanged(string name, string checkpoint, Func<string, Tensor, Tensor?> change)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(checkpoint);
        var tensors = file.Tensors.Select(info => (info.Name, Value: change(info.Name, file.Read(info.Name)))).Where(tensor => tensor.Value is not null);
        return Write(name, [.. tensors.Select(tensor => (tensor.Name, tensor.Value!))]);
    }

    /// <summary>The stored bytes of all tensors.</summary>
    public static Dictionary<string, string> Bytes(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.ToDictionary(info => info.Name, info => $"{info.DType} {string.Join(',', info.Shape)} {Convert.ToBase64String(file.ReadBytes(info.Name))}");
    }

    /// <summary>The largest difference between two files, over all tensors.</summary>
    public static double Distance(string path, string other)
    {
        using var scope = NewDisposeScope();
        using SafetensorsFile a = SafetensorsFile.Open(path), b = SafetensorsFile.Open(other);
        Assert.Equal(a.Tensors.Select(info => info.Name), b.Tensors.Select(info => info.Name));
        return a.Tensors.Max(info => (a.Read(info.Name).to(float64) - b.Read(info.Name).to(float64)).abs().max().item<double>());
    }

    public void Dispose() => _folder.Dispose();
}
