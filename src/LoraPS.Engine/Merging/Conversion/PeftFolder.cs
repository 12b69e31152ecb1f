using System.Text;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>Writes a LoRA as the PEFT library saves adapters: one folder, and in it one for each network where there are text encoders.</summary>
/// <remarks>As train_dreambooth.py of peft examples/lora_dreambooth@5d602fdb: <c>unet</c> and <c>text_encoder</c>; the second encoder of Stable Diffusion XL is <c>text_encoder_2</c>.</remarks>
internal static class PeftFolder
{
    /// <summary>Refuses a folder of something else, which would be lost.</summary>
    /// <exception cref="ArgumentException">There is one.</exception>
    public static void CheckDestination(string path)
    {
        if (Directory.Exists(path) && !PeftAdapter.IsFolderOf(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new ArgumentException($"{path} is a folder of something else than a PEFT LoRA, and would be lost. Choose another destination.", nameof(path));
    }

    /// <summary>Writes the folder, whole or not at all.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="tensors">The factors.</param>
    /// <param name="modules">The modules, with the alphas that are written.</param>
    /// <param name="metadata">What the weights' files say of themselves.</param>
    /// <exception cref="WriteFailedException">The system refused; an older folder is unchanged.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<LoraTensorName, Tensor> tensors, IReadOnlyList<ConvertedModule> modules, IReadOnlyDictionary<string, string> metadata)
    {
        using var folder = new AtomicFolder(path);
        var parts = modules.GroupBy(module => module.Part).ToDictionary(part => part.Key, part => part.ToList());
        foreach (var (part, name) in DiffusersPrefixes.Folders.Where(part => parts.ContainsKey(part.Part)))
        {
            var place = parts.Count == 1 && part == ModelPart.UNet ? folder.TemporaryPath : Path.Combine(folder.TemporaryPath, name);
            var naming = new PeftLibraryNaming(part == ModelPart.TextEncoder2);
            SafetensorsWriter.Write(
                Path.Combine(place, PeftAdapter.WeightsName), tensors.Where(tensor => tensor.Key.Part == part).ToDictionary(tensor => naming.Write(tensor.Key)!, tensor => tensor.Value), metadata);
            using var config = new AtomicFile(Path.Combine(place, PeftConfig.FileName));
            config.Write(Encoding.UTF8.GetBytes(PeftConfig.Write(parts[part])));
            config.Commit();
        }

        folder.Commit();
    }
}
