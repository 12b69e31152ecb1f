namespace LoraPS.Engine.Naming;

/// <summary>The names the PEFT library writes: <c>base_model.model.&lt;path&gt;.lora_A.weight</c>, one file a network.</summary>
/// <remarks>
/// Follows peft src/peft/utils/save_and_load.py@5d602fdb. The keys do not name the network: paths tell the U-Net from text
/// encoders, and of two text encoders it is the folder that tells which.
/// </remarks>
/// <param name="isSecondEncoder">Whether paths of a text encoder are of the second one.</param>
internal sealed class PeftLibraryNaming(bool isSecondEncoder = false) : ILoraNaming
{
    private const string Prefix = "base_model.model.";
    private const string DownSuffix = ".lora_A.weight";
    private const string UpSuffix = ".lora_B.weight";
    private const string TextRoot = "text_model.";

    private static readonly string[] UNetRoots = ["down_blocks.", "mid_block.", "up_blocks.", "conv_in", "conv_out", "time_embedding.", "add_embedding."];

    public LoraFormat Format => LoraFormat.PeftFolder;

    public LoraTensorName? Parse(string key)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var (kind, suffix) = key.EndsWith(DownSuffix, StringComparison.Ordinal) ? (LoraTensorKind.Down, DownSuffix) : (LoraTensorKind.Up, UpSuffix);
        return key.EndsWith(suffix, StringComparison.Ordinal) && key.Length > Prefix.Length + suffix.Length && key[Prefix.Length..^suffix.Length] is var path && PartOf(path) is { } part
            ? new(part, path, kind)
            : null;
    }

    public string? Write(LoraTensorName name) =>
        name.Kind == LoraTensorKind.Alpha || PartOf(name.Path) is null ? null : Prefix + name.Path + (name.Kind == LoraTensorKind.Down ? DownSuffix : UpSuffix);

    private ModelPart? PartOf(string path) => path switch
    {
        _ when path.StartsWith(TextRoot, StringComparison.Ordinal) => isSecondEncoder ? ModelPart.TextEncoder2 : ModelPart.TextEncoder,
        _ when Array.Exists(UNetRoots, root => path.StartsWith(root, StringComparison.Ordinal)) => ModelPart.UNet,
        _ => null,
    };
}
