using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>Adam with decoupled weight decay.</summary>
/// <remarks>
/// Loshchilov and Hutter, "Decoupled weight decay regularization", 2019; the same operations in the same order as
/// torch.optim.AdamW.
/// </remarks>
public sealed class AdamW : Optimizer
{
    private readonly (double First, double Second) _betas;
    private readonly double _epsilon;
    private readonly double _weightDecay;
    private readonly Tensor[] _means;
    private readonly Tensor[] _squares;

    /// <summary>Starts with empty memory.</summary>
    /// <param name="parameters">What to train; not owned.</param>
    /// <param name="arguments">Arguments of <see cref="Kind"/>.</param>
    public AdamW(IEnumerable<TrainedParameter> parameters, OptimizerArguments arguments)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        (_betas, _epsilon, _weightDecay) = (arguments.Pair("betas"), arguments.Number("eps"), arguments.Number("weight_decay"));
        (_means, _squares) = (RememberForEach("exp_avg"), RememberForEach("exp_avg_sq"));
    }

    /// <summary>Its name and arguments; the defaults are those of torch.optim.AdamW.</summary>
    public static OptimizerKind Kind { get; } = new(
        "AdamW",
        "torch.optim.adamw.AdamW",
        [OptimizerArgument.Shares("betas", 0.9, 0.999), OptimizerArgument.Number("eps", 1e-8), OptimizerArgument.Number("weight_decay", 0.01)],
        (parameters, arguments) => new AdamW(parameters, arguments));

    /// <inheritdoc/>
    protected override void Move(ParameterStep part)
    {
        var (mean, square) = (_means[part.Index], _squares[part.Index]);
        part.Value.MultiplyInPlace(1 - (part.Rate * _weightDecay));
        mean.MultiplyInPlace(_betas.First).AddInPlace(part.Gradient, 1 - _betas.First);
        square.MultiplyInPlace(_betas.Second).AddProductInPlace(part.Gradient, part.Gradient, 1 - _betas.Second);
        var meanCorrection = 1 - Math.Pow(_betas.First, part.Step);
        var squareCorrection = 1 - Math.Pow(_betas.Second, part.Step);
        var denominator = square.sqrt().DivideInPlace(Math.Sqrt(squareCorrection)).AddInPlace(_epsilon);
        part.Value.AddQuotientInPlace(mean, denominator, -part.Rate / meanCorrection);
    }
}
