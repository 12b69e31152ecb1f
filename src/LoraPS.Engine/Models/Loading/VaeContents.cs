using LoraPS.Engine.Formats;
using LoraPS.Engine.Models.Vae;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Models.Loading;

/// <summary>An autoencoder that stands by itself.</summary>
/// <param name="Config">Its sizes.</param>
/// <param name="Tensors">Its tensors, by the names its modules have.</param>
/// <param name="File">The open file.</param>
internal sealed record VaeContents(VaeConfig Config, PartTensors Tensors, SafetensorsFile File)
{
    private const string WholeModelPrefix = "first_stage_model.";
    private static readonly string[] Roots = ["encoder.", "decoder.", "quant_conv.", "post_quant_conv."];

    /// <summary>Opens an autoencoder, in the naming of LDM or of diffusers, by itself or in a whole model.</summary>
    /// <param name="path">A .safetensors or .ckpt file, or a folder with config.json and weights.</param>
    /// <exception cref="ModelNotFoundException">There is none.</exception>
    public static VaeContents Open(string path)
    {
        if (Directory.Exists(path))
            return DiffusersFolder.OpenVae(path);
        return System.IO.File.Exists(path) ? OpenFile(path)
            : throw new ModelNotFoundException(path, "there is no such VAE. Name a .safetensors or .ckpt file, or a diffusers folder.");
    }

    private static VaeContents OpenFile(string path)
    {
        var file = TensorFile.Open(path);
        try
        {
            var prefix = file.Tensors.Any(info => info.Name.StartsWith(WholeModelPrefix, StringComparison.Ordinal)) ? WholeModelPrefix : "";
            var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
            // Files of a VAE hold what trained it too (loss.*, model_ema.*).
            foreach (var info in file.Tensors.Where(info => Array.Exists(Roots, root => info.Name.StartsWith(prefix + root, StringComparison.Ordinal))))
                tensors[NameOf(info.Name[prefix.Length..])] = new StoredTensor(file, info);
            return tensors.Count > 0 ? new(ShapeConfig.Vae(new ShapeTable(tensors)), new PartTensors("VAE", tensors), file)
                : throw new ModelNotFoundException(path, "it holds no VAE: there is no tensor whose name begins with encoder. or first_stage_model.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string NameOf(string name) => LdmVaeNames.ToDiffusers(name) ?? LegacyVaeNames.ToCurrent(name);
}
