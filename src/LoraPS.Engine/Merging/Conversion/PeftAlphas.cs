using System.Text.Json.Nodes;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>The strengths that the PEFT configuration of one network gives its modules.</summary>
/// <remarks>
/// Follows peft LoraConfig@5d602fdb: what most modules have is said once, the others by a pattern. With <c>use_rslora</c> strength is
/// alpha/√rank, which reads as alpha·√rank.
/// </remarks>
/// <param name="field">A field of the configuration by its name.</param>
/// <param name="source">The file they are from.</param>
/// <param name="absent">Alpha where the configuration says none; null for the rank.</param>
internal sealed class PeftAlphas(Func<string, JsonNode?> field, string source, double? absent)
{
    private readonly PeftPattern _pattern = new(field("alpha_pattern") as JsonObject, source);
    private readonly double? _alpha = PeftJson.Number(field("lora_alpha")) ?? absent;
    private readonly bool _isRankStabilised = PeftJson.IsTrue(field("use_rslora"));

    /// <summary>The alpha of a module, to be divided by its rank.</summary>
    /// <param name="path">Its path in its network.</param>
    /// <param name="rank">Its rank.</param>
    public double Of(string path, long rank)
    {
        var alpha = _pattern.Find(path) ?? _alpha ?? rank;
        return _isRankStabilised ? alpha * Math.Sqrt(rank) : alpha;
    }
}
