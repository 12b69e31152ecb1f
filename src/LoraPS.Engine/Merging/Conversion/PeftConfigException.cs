using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>The configuration of a PEFT LoRA cannot be used: its <c>adapter_config.json</c>, or the one in the metadata of a diffusers file.</summary>
public sealed class PeftConfigException : EngineException
{
    private PeftConfigException(string errorId, string message, string path)
        : base(errorId, message, path)
    {
    }

    /// <summary>It is damaged, or does not fit its weights.</summary>
    internal static PeftConfigException Invalid(string path, string what) =>
        new("PeftConfigInvalid", $"{path} {what}. Expected what PEFT saves with the weights; take both from one save.", path);

    /// <summary>It is of something else than a plain LoRA.</summary>
    internal static PeftConfigException Unsupported(string path, string what) =>
        new("PeftConfigUnsupported", $"{path} {what}. Plain LoRAs of the PEFT library can be read, rank-stabilised ones among them.", path);
}
