using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>Adam that finds its learning rate by itself, faster than D-adaptation; the one that is given, usually 1, multiplies it.</summary>
/// <remarks>
/// Mishchenko and Defazio, "Prodigy: An expeditiously adaptive parameter-free learner", 2023. Follows prodigyopt/prodigy.py of
/// konstmish/prodigy.
/// </remarks>
public sealed class Prodigy : Optimizer
{
    private readonly (double First, double Second) _betas;
    private readonly double _beta3;
    private readonly OptimizerArguments _arguments;
    private readonly Tensor[] _means;
    private readonly Tensor[] _squares;
    private readonly Tensor[] _sums;
    private readonly Tensor[] _starts;
    private readonly RememberedNumber _distance;
    private readonly RememberedNumber _largest;
    private readonly RememberedNumber _numerator;
    private readonly RememberedNumber _updates;

    /// <summary>Starts with empty memory.</summary>
    /// <param name="parameters">What to train, all at one learning rate; not owned.</param>
    /// <param name="arguments">Arguments of <see cref="Kind"/>.</param>
    public Prodigy(IEnumerable<TrainedParameter> parameters, OptimizerArguments arguments)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        (_arguments, _betas) = (arguments, arguments.Pair("betas"));
        _beta3 = arguments.OptionalNumber("beta3") ?? Math.Sqrt(_betas.Second);
        (_means, _squares) = (RememberForEach("exp_avg"), RememberForEach("exp_avg_sq"));
        _sums = [.. Parameters.Select(parameter => Remember($"{parameter.Name}.s", zeros_like(Slice(parameter.Value).detach())))];
        _starts = [.. Parameters.Select(parameter => Remember($"{parameter.Name}.p0", Slice(parameter.Value).detach().clone()))];
        _distance = new(Remember("optimizer.d", RememberedNumber.Start(arguments.Number("d0"))));
        _largest = new(Remember("optimizer.d_max", RememberedNumber.Start(arguments.Number("d0"))));
        _numerator = new(Remember("optimizer.d_numerator", RememberedNumber.Start(0)));
        _updates = new(Remember("optimizer.k", RememberedNumber.Start(0)));
    }

    /// <summary>Its name and arguments; the defaults are those of prodigyopt.Prodigy.</summary>
    public static OptimizerKind Kind { get; } = new(
        "Prodigy",
        "prodigyopt.prodigy.Prodigy",
        [
            OptimizerArgument.Shares("betas", 0.9, 0.999), OptimizerArgument.OptionalShare("beta3"), OptimizerArgument.Number("eps", 1e-8, above: 0),
            OptimizerArgument.Number("weight_decay", 0), OptimizerArgument.Flag("decouple", true), OptimizerArgument.Flag("use_bias_correction", false),
            OptimizerArgument.Flag("safeguard_warmup", false), OptimizerArgument.Number("d0", 1e-6, above: 0), OptimizerArgument.Number("d_coef", 1, above: 0),
            OptimizerArgument.Number("growth_rate", double.PositiveInfinity, above: 0), OptimizerArgument.Number("slice_p", 1, least: 1),
        ],
        (parameters, arguments) => new Prodigy(parameters, arguments))
    {
        AdaptsRate = true,
    };

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
        Adapt((_beta3 * _numerator.Value) + gain, length);
        ForEachGradient(part => Move(part, rate), count: false);
        _updates.Value++;
    }

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
        // All is told in units of the first distance, which is tiny.
        var (distance, units) = (_distance.Value, _distance.Value / _arguments.Number("d0"));
        var gradient = Slice(part.Gradient);
        var gain = units * rate * Number(gradient.dot(_starts[part.Index] - Slice(part.Value)));
        mean.MultiplyInPlace(_betas.First).AddInPlace(part.Gradient, distance * (1 - _betas.First));
        square.MultiplyInPlace(_betas.Second).AddProductInPlace(part.Gradient, part.Gradient, distance * distance * (1 - _betas.Second));
        sum.MultiplyInPlace(_beta3).AddInPlace(gradient, units * (_arguments.Flag("safeguard_warmup") ? distance : rate));
        return (gain, Number(sum.abs().sum()));
    }

    private void Adapt(double numerator, double length)
    {
        var (distance, estimate) = (_distance.Value, _arguments.Number("d_coef") * numerator / length);
        if (distance == _arguments.Number("d0"))
            distance = Math.Max(distance, estimate);
        _largest.Value = Math.Max(_largest.Value, estimate);
        _distance.Value = Math.Min(_largest.Value, distance * _arguments.Number("growth_rate"));
        _numerator.Value = numerator;
    }

    private void Move(ParameterStep part, double rate)
    {
        var denominator = _squares[part.Index].sqrt().AddInPlace(_distance.Value * _arguments.Number("eps"));
        if (_arguments.Flag("decouple"))
            part.Value.MultiplyInPlace(1 - (_arguments.Number("weight_decay") * rate));
        part.Value.AddQuotientInPlace(_means[part.Index], denominator, -rate);
    }

    /// <summary>Every so-manyth element.</summary>
    private Tensor Slice(Tensor tensor)
    {
        var flat = tensor.flatten();
        return _arguments.Number("slice_p") is > 1 and var every ? flat.slice(0, 0, flat.numel(), (long)every) : flat;
    }
}
