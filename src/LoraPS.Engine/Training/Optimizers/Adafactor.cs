using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>Adam whose running mean of squares is kept as one row and one column a matrix.</summary>
/// <remarks>
/// Shazeer and Stern, "Adafactor: Adaptive learning rates with sublinear memory cost", 2018. Follows transformers'
/// optimization.Adafactor and sd-scripts library/adafactor_fused.py@48d368fa. With <c>relative_step</c>, which is the default,
/// the learning rates that were given are not used, but that 0 still leaves a parameter alone.
/// </remarks>
public sealed class Adafactor : Optimizer
{
    private const double LargestRelativeStep = 1e-2;
    private const double WarmupSlope = 1e-6;
    private readonly OptimizerArguments _arguments;
    private readonly (double Square, double Scale) _epsilons;
    private readonly double? _beta1;
    private readonly Tensor[]? _means;
    private readonly (Tensor Row, Tensor? Column)[] _squares;

    /// <summary>Starts with empty memory.</summary>
    /// <param name="parameters">What to train; not owned.</param>
    /// <param name="arguments">Arguments of <see cref="Kind"/>.</param>
    public Adafactor(IEnumerable<TrainedParameter> parameters, OptimizerArguments arguments)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        (_arguments, _epsilons, _beta1) = (arguments, arguments.Pair("eps"), arguments.OptionalNumber("beta1"));
        _means = _beta1 is null ? null : RememberForEach("exp_avg");
        _squares = [.. Parameters.Select(RememberSquares)];
    }

    /// <summary>Its name and arguments; the defaults are those of transformers.Adafactor.</summary>
    public static OptimizerKind Kind { get; } = new(
        "Adafactor",
        "transformers.optimization.Adafactor",
        [
            OptimizerArgument.Numbers("eps", 1e-30, 1e-3), OptimizerArgument.Number("clip_threshold", 1, above: 0),
            OptimizerArgument.Number("decay_rate", -0.8, least: double.NegativeInfinity), OptimizerArgument.OptionalShare("beta1"),
            OptimizerArgument.Number("weight_decay", 0), OptimizerArgument.Flag("scale_parameter", true),
            OptimizerArgument.Flag("relative_step", true), OptimizerArgument.Flag("warmup_init", false),
        ],
        (parameters, arguments) => new Adafactor(parameters, arguments))
    {
        FollowsSchedule = arguments => !arguments.Flag("relative_step"),
        Check = Check,
    };

    /// <inheritdoc/>
    public override double RateInForce(double learningRate) =>
        _arguments.Flag("relative_step") ? RelativeStep(Math.Max(Step, 1)) : base.RateInForce(learningRate);

    /// <inheritdoc/>
    protected override void Move(ParameterStep part)
    {
        var rate = _arguments.Flag("relative_step") ? RelativeStep(part.Step) : part.Rate;
        if (_arguments.Flag("scale_parameter"))
            rate *= Math.Max(_epsilons.Scale, RootMeanSquare(part.Value));
        var gradient = part.Gradient.to(ScalarType.Float32);
        var update = Normalise(part, gradient) * gradient;
        update = update.DivideInPlace(Math.Max(1, RootMeanSquare(update) / _arguments.Number("clip_threshold"))).MultiplyInPlace(rate);
        if (_means is not null)
            update = _means[part.Index].MultiplyInPlace(_beta1!.Value).AddInPlace(update, 1 - _beta1.Value);
        if (_arguments.Number("weight_decay") is not 0 and var decay)
            part.Value.MultiplyInPlace(1 - (decay * rate));
        part.Value.AddInPlace(update, -1);
    }

    private static void Check(OptimizerArguments arguments)
    {
        if (arguments.Flag("warmup_init") && !arguments.Flag("relative_step"))
            throw new ArgumentException("Adafactor's warmup_init=True needs relative_step=True: it is the relative step that is warmed up.");
    }

    private static double RootMeanSquare(Tensor tensor) => Number(tensor.norm()) / Math.Sqrt(tensor.numel());

    private double RelativeStep(int step) =>
        Math.Min(_arguments.Flag("warmup_init") ? WarmupSlope * step : LargestRelativeStep, 1 / Math.Sqrt(step));

    /// <summary>What the gradient is multiplied by: one over the root of the mean of squares.</summary>
    private Tensor Normalise(ParameterStep part, Tensor gradient)
    {
        var decay = 1 - Math.Pow(part.Step, _arguments.Number("decay_rate"));
        var square = gradient.Squared().AddInPlace(_epsilons.Square);
        var (row, column) = _squares[part.Index];
        if (column is null)
            return row.MultiplyInPlace(decay).AddInPlace(square, 1 - decay).rsqrt();
        row.MultiplyInPlace(decay).AddInPlace(square.mean([-1]), 1 - decay);
        column.MultiplyInPlace(decay).AddInPlace(square.mean([-2]), 1 - decay);
        var rowFactor = (row / row.mean([-1], keepdim: true)).rsqrt_().unsqueeze(-1);
        return rowFactor * column.unsqueeze(-2).rsqrt();
    }

    private (Tensor Row, Tensor? Column) RememberSquares(TrainedParameter parameter)
    {
        var shape = parameter.Value.shape;
        Tensor Zeros(string suffix, long[] sides) =>
            Remember($"{parameter.Name}.{suffix}", zeros(sides, ScalarType.Float32, parameter.Value.device));
        return shape.Length < 2
            ? (Zeros("exp_avg_sq", shape), null)
            : (Zeros("exp_avg_sq_row", shape[..^1]), Zeros("exp_avg_sq_col", [.. shape[..^2], shape[^1]]));
    }
}
