namespace LoraPS.Engine.Merging;

/// <summary>How many directions of a weight difference are worth keeping.</summary>
/// <remarks>Names and meanings follow sd-scripts networks/resize_lora.py@48d368fa.</remarks>
public enum RankCriterion
{
    /// <summary>The rank that was asked for.</summary>
    Fixed,

    /// <summary>Directions stronger than the strongest divided by the threshold.</summary>
    SvRatio,

    /// <summary>As many as hold the threshold's share of the Frobenius norm.</summary>
    SvFro,

    /// <summary>As many as hold the threshold's share of the sum of singular values.</summary>
    SvCumulative,
}
