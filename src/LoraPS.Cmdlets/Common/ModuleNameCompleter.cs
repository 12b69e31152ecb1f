using LoraPS.Engine.Lora;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes the names of the modules of the LoRA files that are already named on the line.</summary>
public sealed class ModuleNameCompleter : FileContentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> NamesIn(string path) => LoraFile.ModulesIn(path);
}
