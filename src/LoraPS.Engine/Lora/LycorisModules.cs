using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Lora;

/// <summary>The modules of LoHa and LoKr files, as their headers tell them.</summary>
/// <remarks>
/// Keys as LyCORIS writes them (lycoris/modules/loha.py, lokr.py). A LoKr module that is whole has no rank; its alpha is the rank
/// it was made with, and stands for it.
/// </remarks>
internal static class LycorisModules
{
    private const string LohaMark = ".hada_w1_a";
    private const string LokrMark = ".lokr_w1";

    /// <summary>Parts of which the rank is the first side, in the order in which they are looked for.</summary>
    private static readonly string[] RankParts = [".hada_w1_b", ".lokr_w2_b", ".lokr_w1_b"];

    /// <summary>Describes the modules of a file.</summary>
    /// <returns>None for a file of another kind.</returns>
    public static IReadOnlyList<ModuleSummary> Read(SafetensorsFile file) =>
    [
        .. file.Tensors.Select(tensor => Name(tensor.Name)).OfType<string>().Distinct().Select(name => Describe(file, name)).OfType<ModuleSummary>(),
    ];

    private static string? Name(string key)
    {
        var end = key.IndexOf(LohaMark, StringComparison.Ordinal) is >= 0 and var loha ? loha : key.IndexOf(LokrMark, StringComparison.Ordinal);
        return end < 0 ? null : key[..end];
    }

    private static ModuleSummary? Describe(SafetensorsFile file, string name)
    {
        double? alpha = file.TryGet(name + KohyaNames.AlphaSuffix, out var info) && info.ByteCount == info.DType.ByteSize() ? file.ReadScalar(info.Name) : null;
        var rank = RankParts.Select(part => file.TryGet(name + part, out var factor) ? factor.Shape[0] : (long?)null).FirstOrDefault(found => found is not null)
            ?? (file.TryGet(name + ".lokr_w2", out _) ? (long)(alpha ?? 1) : null);
        return rank is { } found ? new(name, found, alpha ?? found, IsKernel: false) : null;
    }
}
