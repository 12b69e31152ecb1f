using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>AdamW whose running means take one byte an element.</summary>
/// <remarks>
/// Dettmers et al., "8-bit optimizers via block-wise quantization", 2022. Follows bitsandbytes' kOptimizerStatic8bit2StateBlockwise,
/// csrc/kernels.cu@95f9af3: the step uses the means before they are rounded, and the weight decay comes after it. Parameters of
/// fewer elements than <c>min_8bit_size</c> keep theirs in float32.
/// </remarks>
public sealed class AdamW8bit : Optimizer
{
    private readonly (double First, double Second) _betas;
    private readonly double _epsilon;
    private readonly double _weightDecay;
    private readonly Moment[] _means;
    private readonly Moment[] _squares;

    /// <summary>Starts with empty memory.</summary>
    /// <param name="parameters">What to train; not owned.</param>
    /// <param name="arguments">Arguments of <see cref="Kind"/>.</param>
    public AdamW8bit(IEnumerable<TrainedParameter> parameters, OptimizerArguments arguments)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        (_betas, _epsilon, _weightDecay) = (arguments.Pair("betas"), arguments.Number("eps"), arguments.Number("weight_decay"));
        var smallest = (long)arguments.Number(Moment.SmallestArgument);
        _means = [.. Parameters.Select(parameter => new Moment(parameter, "exp_avg", DynamicCode.OfMeans, smallest, Remember))];
        _squares = [.. Parameters.Select(parameter => new Moment(parameter, "exp_avg_sq", DynamicCode.OfSquares, smallest, Remember))];
    }

    /// <summary>Its name and arguments; the defaults are those of bitsandbytes.optim.AdamW8bit.</summary>
    public static OptimizerKind Kind { get; } = new(
        "AdamW8bit",
        "bitsandbytes.optim.adamw.AdamW8bit",
        [.. AdamW.Kind.Arguments, OptimizerArgument.Number(Moment.SmallestArgument, Moment.DefaultSmallest)],
        (parameters, arguments) => new AdamW8bit(parameters, arguments))
    {
        Aliases = ["PagedAdamW8bit"],
    };

    /// <inheritdoc/>
    protected override void Move(ParameterStep part)
    {
        var mean = _means[part.Index].Read().MultiplyInPlace(_betas.First).AddInPlace(part.Gradient, 1 - _betas.First);
        var square = _squares[part.Index].Read().MultiplyInPlace(_betas.Second).AddProductInPlace(part.Gradient, part.Gradient, 1 - _betas.Second);
        var meanCorrection = 1 - Math.Pow(_betas.First, part.Step);
        var squareCorrection = Math.Sqrt(1 - Math.Pow(_betas.Second, part.Step));
        part.Value.AddQuotientInPlace(mean, square.sqrt().AddInPlace(squareCorrection * _epsilon), -part.Rate * squareCorrection / meanCorrection);
        part.Value.MultiplyInPlace(1 - (part.Rate * _weightDecay));
        _means[part.Index].Write(mean);
        _squares[part.Index].Write(square);
    }
}
