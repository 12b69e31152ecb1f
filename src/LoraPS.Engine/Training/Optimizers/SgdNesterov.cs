using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>Stochastic gradient descent with Nesterov's momentum.</summary>
/// <remarks>Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013; as torch.optim.SGD with nesterov.</remarks>
public sealed class SgdNesterov : Optimizer
{
    private readonly double _momentum;
    private readonly double _weightDecay;
    private readonly Tensor[] _velocities;

    /// <summary>Starts with empty memory.</summary>
    /// <param name="parameters">What to train; not owned.</param>
    /// <param name="arguments">Arguments of <see cref="Kind"/>.</param>
    public SgdNesterov(IEnumerable<TrainedParameter> parameters, OptimizerArguments arguments)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        (_momentum, _weightDecay) = (arguments.Number("momentum"), arguments.Number("weight_decay"));
        _velocities = RememberForEach("momentum_buffer");
    }

    /// <summary>Its name and arguments; the defaults are those of sd-scripts.</summary>
    public static OptimizerKind Kind { get; } = new(
        "SGDNesterov",
        "torch.optim.sgd.SGD",
        [OptimizerArgument.Share("momentum", 0.9), OptimizerArgument.Number("weight_decay", 0)],
        (parameters, arguments) => new SgdNesterov(parameters, arguments));

    /// <inheritdoc/>
    protected override void Move(ParameterStep part)
    {
        var gradient = part.Gradient;
        if (_weightDecay != 0)
            gradient = part.Value.Times(_weightDecay).AddInPlace(gradient);
        var velocity = _velocities[part.Index].MultiplyInPlace(_momentum).AddInPlace(gradient);
        part.Value.AddInPlace(velocity.Times(_momentum).AddInPlace(gradient), -part.Rate);
    }
}
