using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Models.Loading;

/// <summary>A model in one file, in the naming of the original latent diffusion code (LDM).</summary>
internal static class SingleFileCheckpoint
{
    public static CheckpointContents Open(string path)
    {
        var file = TensorFile.Open(path);
        try
        {
            return Sort(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static CheckpointContents Sort(SafetensorsFile file)
    {
        if (CheckpointKind.Other([.. file.Tensors.Select(info => info.Name)]) is { } kind)
            throw new UnsupportedModelException(file.Path, kind);

        var parts = Enum.GetValues<ModelPart>().ToDictionary(part => part, _ => new Dictionary<string, StoredTensor>(StringComparer.Ordinal));
        var unexpected = new List<string>();
        foreach (var info in file.Tensors)
        {
            if (LdmNames.TryToDiffusers(info.Name, out var part, out var name))
                parts[part][name] = new StoredTensor(file, info);
            else if (!CheckpointExtras.IsKnown(info.Name))
                unexpected.Add(info.Name);
        }

        return new CheckpointContents(
            ShapeConfig.Infer(parts),
            new PartTensors("U-Net", parts[ModelPart.UNet]),
            new PartTensors("VAE", parts[ModelPart.Vae]),
            new PartTensors("text encoder", parts[ModelPart.TextEncoder]),
            unexpected,
            [file]);
    }
}
