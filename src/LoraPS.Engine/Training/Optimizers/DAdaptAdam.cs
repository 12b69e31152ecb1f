using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>Adam that finds its learning rate by itself; the one that is given, usually 1, multiplies it.</summary>
/// <remarks>
/// Defazio and Mishchenko, "Learning-rate-free learning by D-adaptation", 2023. Follows dadaptation/dadapt_adam.py of
/// facebookresearch/dadaptation. DAdaptAdamW is the same with decoupled weight decay.
/// </remarks>
public sealed class DAdaptAdam : Optimizer
{
    private readonly (double First, double Second) _betas;
    private readonly OptimizerArguments _arguments;
    private readonly double _sumDecay;
    private readonly Tensor[] _means;
    private readonly Tensor[] _squares;
    private readonly Tensor[] _sums;
    private readonly RememberedNumber _distance;
    private readonly RememberedNumber _numerator;
    private readonly RememberedNumber _updates;

    /// <summary>Starts with empty memory.</summary>
    /// <param name="parameters">What to train, all at one learning rate; not owned.</param>
    /// <param name="arguments">Arguments of <see cref="Kind"/>.</param>
    public DAdaptAdam(IEnumerable<TrainedParameter> parameters, OptimizerArguments arguments)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        (_arguments, _betas) = (arguments, arguments.Pair("betas"));
        _sumDecay = Math.Sqrt(_betas.Second);
        (_means, _squares, _sums) = (RememberForEach("exp_avg"), RememberForEach("exp_avg_sq"), RememberForEach("s"));
        _distance = new(Remember("optimizer.d", RememberedNumber.Start(arguments.Number("d0"))));
        _numerator = new(Remember("optimizer.numerator_weighted", RememberedNumber.Start(0)));
        _updates = new(Remember("optimizer.k", RememberedNumber.Start(0)));
    }

    /// <summary>Its name and arguments; the defaults are those of dadaptation.DAdaptAdam.</summary>
    public static OptimizerKind Kind { get; } = Make("DAdaptAdam", decouple: false);

    /// <summary>The kind with decoupled weight decay.</summary>
    public static OptimizerKind KindW { get; } = Make("DAdaptAdamW", decouple: true);

    /// <inheritdoc/>
    public override double RateInForce(double learningRate) => base.RateInForce(learningRate) * _distance.Value;

    /// <inheritdoc/>
    protected override void Advance()
    {
        var (gain, length, rate) = (0.0, 0.0, 0.0);
        ForEachGradient(part =>
        {
            rate = part.Rate * Scale;
            var found = Accumulate(part, rate);
            (gain, length) = (gain + found.Gain, length + found.Length);
        });
        if (length == 0)
            return;
        _numerator.Value = (_sumDecay * _numerator.Value) + ((1 - _sumDecay) * gain);
        var estimate = _numerator.Value / ((1 - _sumDecay) * length);
        _distance.Value = Math.Max(_distance.Value, Math.Min(estimate, _distance.Value * _arguments.Number("growth_rate")));
        ForEachGradient(part => Move(part, rate), count: false);
        _updates.Value++;
    }

    private static OptimizerKind Make(string name, bool decouple) => new(
        name,
        "dadaptation.dadapt_adam.DAdaptAdam",
        [
            OptimizerArgument.Shares("betas", 0.9, 0.999), OptimizerArgument.Number("eps", 1e-8, above: 0),
            OptimizerArgument.Number("weight_decay", 0), OptimizerArgument.Flag("decouple", decouple),
            OptimizerArgument.Flag("use_bias_correction", false), OptimizerArgument.Number("d0", 1e-6, above: 0),
            OptimizerArgument.Number("growth_rate", double.PositiveInfinity, above: 0),
        ],
        (parameters, arguments) => new DAdaptAdam(parameters, arguments))
    {
        AdaptsRate = true,
    };

    /// <summary>What the learning rate is multiplied by before this update.</summary>
    private double Scale => _distance.Value * (_arguments.Flag("use_bias_correction")
        ? Math.Sqrt(1 - Math.Pow(_betas.Second, _updates.Value + 1)) / (1 - Math.Pow(_betas.First, _updates.Value + 1))
        : 1);

    private (double Gain, double Length) Accumulate(ParameterStep part, double rate)
    {
        var (mean, square, sum) = (_means[part.Index], _squares[part.Index], _sums[part.Index]);
        if (!_arguments.Flag("decouple") && _arguments.Number("weight_decay") is not 0 and var decay)
            part.Gradient.AddInPlace(part.Value, decay);
        if (rate == 0)
            return (0, 0);
        var gain = rate * Number(part.Gradient.flatten().dot((sum / Denominator(square)).flatten()));
        mean.MultiplyInPlace(_betas.First).AddInPlace(part.Gradient, rate * (1 - _betas.First));
        square.MultiplyInPlace(_betas.Second).AddProductInPlace(part.Gradient, part.Gradient, 1 - _betas.Second);
        sum.MultiplyInPlace(_sumDecay).AddInPlace(part.Gradient, rate * (1 - _sumDecay));
        return (gain, Number(sum.abs().sum()));
    }

    private void Move(ParameterStep part, double rate)
    {
        if (_arguments.Flag("decouple"))
            part.Value.MultiplyInPlace(1 - (_arguments.Number("weight_decay") * rate));
        part.Value.AddQuotientInPlace(_means[part.Index], Denominator(_squares[part.Index]), -1);
    }

    private Tensor Denominator(Tensor square) => square.sqrt().AddInPlace(_arguments.Number("eps"));
}
