using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Lora;

/// <summary>Sizes as a LoRA file has them: a network made of these takes the file's weights as they are.</summary>
/// <remarks>As create_network_from_weights in sd-scripts networks/lora.py@48d368fa.</remarks>
internal sealed class FileSizes : IModuleSizes
{
    private readonly Dictionary<string, ModuleSize> _sizes;

    /// <summary>Reads the header of a file.</summary>
    /// <param name="path">The LoRA file.</param>
    /// <param name="strict">Refuse a file that holds anything but low-rank factors.</param>
    /// <exception cref="UnrecognisedLoraException">The file is no LoRA of low-rank factors.</exception>
    public FileSizes(string path, bool strict)
    {
        using var file = LoraFile.Open(path);
        _sizes = LoraModuleInfo.ReadAll(file, strict).ToDictionary(module => module.Name, module => new ModuleSize((int)module.Rank, module.Alpha == 0 ? module.Rank : module.Alpha));
    }

    /// <inheritdoc/>
    public bool ReachesResnets => true;

    /// <inheritdoc/>
    public ModuleSize? Of(ModelPart part, string name, ProjectionLayer layer) => _sizes.TryGetValue(name, out var size) ? size : null;
}
