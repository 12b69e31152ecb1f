using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>How the difference of two models becomes a LoRA.</summary>
public sealed record LoraExtractOptions
{
    /// <summary>Rank of matrices and 1×1 convolutions, or the most an adaptive criterion may choose.</summary>
    /// <value>Default 4.</value>
    public int Rank { get; init; } = 4;

    /// <summary>Rank of larger convolutions. Residual blocks and samplers are extracted only when it is given.</summary>
    /// <value>Default null: attentions and MLPs only.</value>
    public int? ConvRank { get; init; }

    /// <summary>How the rank is chosen.</summary>
    /// <value>Default Fixed. SvCumulative needs a whole decomposition and is refused for matrices larger than the sketch.</value>
    public RankCriterion Criterion { get; init; }

    /// <summary>The criterion's number, see <see cref="RankRule"/>; not used by Fixed.</summary>
    public double Threshold { get; init; }

    /// <summary>The text encoder is left out unless one of its weights differs by more than this; 0 keeps every true difference.</summary>
    /// <value>Default 0.01, as in sd-scripts; what is left out is told.</value>
    public double MinDifference { get; init; } = 0.01;

    /// <summary>Clips both factors at this quantile of their entries, as sd-scripts does at 0.99. Lossy; only for results that must equal that tool's.</summary>
    /// <value>Above 0, up to 1; default null: no clipping.</value>
    public double? ClampQuantile { get; init; }

    /// <summary>Type of the saved factors.</summary>
    /// <value>Default F32.</value>
    public SafetensorsDType SaveDType { get; init; } = SafetensorsDType.F32;

    /// <summary>Names the random numbers of the sketches.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>Replace a file at the destination, even one of the models.</summary>
    public bool Overwrite { get; init; }
}
