using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>Moves every element by the learning rate in the direction of a running mean's sign.</summary>
/// <remarks>
/// Chen et al., "Symbolic discovery of optimization algorithms", 2023; the same operations in the same order as lion-pytorch.
/// Wants a learning rate 3 to 10 times smaller than AdamW's. Lion8bit keeps its mean in one byte an element, as
/// bitsandbytes' kOptimizerStatic8bit1StateBlockwise, csrc/kernels.cu@95f9af3.
/// </remarks>
public sealed class Lion : Optimizer
{
    private readonly (double First, double Second) _betas;
    private readonly double _weightDecay;
    private readonly Moment[] _means;

    private Lion(IEnumerable<TrainedParameter> parameters, OptimizerArguments arguments, long smallest)
        : base(parameters)
    {
        (_betas, _weightDecay) = (arguments.Pair("betas"), arguments.Number("weight_decay"));
        _means = [.. Parameters.Select(parameter => new Moment(parameter, "exp_avg", DynamicCode.OfMeans, smallest, Remember))];
    }

    /// <summary>Its name and arguments; the defaults are those of lion_pytorch.Lion.</summary>
    public static OptimizerKind Kind { get; } = new(
        "Lion",
        "lion_pytorch.lion_pytorch.Lion",
        [OptimizerArgument.Shares("betas", 0.9, 0.99), OptimizerArgument.Number("weight_decay", 0)],
        (parameters, arguments) => new Lion(parameters, arguments, long.MaxValue));

    /// <summary>Name and arguments of the 8-bit kind; the defaults are those of bitsandbytes.optim.Lion8bit.</summary>
    public static OptimizerKind Kind8bit { get; } = new(
        "Lion8bit",
        "bitsandbytes.optim.lion.Lion8bit",
        [.. Kind.Arguments, OptimizerArgument.Number(Moment.SmallestArgument, Moment.DefaultSmallest)],
        (parameters, arguments) => new Lion(parameters, arguments, (long)arguments.Number(Moment.SmallestArgument)))
    {
        Aliases = ["PagedLion8bit"],
    };

    /// <inheritdoc/>
    protected override void Move(ParameterStep part)
    {
        var mean = _means[part.Index].Read();
        part.Value.MultiplyInPlace(1 - (part.Rate * _weightDecay));
        var direction = mean.Times(_betas.First).AddInPlace(part.Gradient, 1 - _betas.First).sign_();
        part.Value.AddInPlace(direction, -part.Rate);
        _means[part.Index].Write(mean.MultiplyInPlace(_betas.Second).AddInPlace(part.Gradient, 1 - _betas.Second));
    }
}
