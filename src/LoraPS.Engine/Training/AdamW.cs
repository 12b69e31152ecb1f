using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Adam with decoupled weight decay.</summary>
/// <remarks>
/// Loshchilov and Hutter, "Decoupled weight decay regularization", 2019; the same operations in the same order as
/// torch.optim.AdamW. Its whole memory lies open, so that a stopped run goes on with exactly the same numbers. A parameter
/// without a gradient is left alone.
/// </remarks>
public sealed class AdamW : IDisposable
{
    private readonly AdamWOptions _options;

    /// <summary>Starts with empty memory.</summary>
    /// <param name="parameters">What to train; not owned.</param>
    /// <param name="options">Decay rates.</param>
    public AdamW(IEnumerable<TrainedParameter> parameters, AdamWOptions options)
    {
        _options = options;
        Slots = [.. parameters.Select(parameter => new Slot(parameter))];
    }

    /// <summary>Steps done; the bias of the running means is corrected by it.</summary>
    public int Step { get; set; }

    /// <summary>What is remembered for each parameter, in their order.</summary>
    public IReadOnlyList<Slot> Slots { get; }

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Update()
    {
        Step++;
        using var noGradient = no_grad();
        foreach (var slot in Slots)
        {
            using var scope = NewDisposeScope();
            if (slot.Parameter.Value.grad is { } gradient)
                Update(slot, gradient);
        }
    }

    /// <summary>Forgets the gradients of all parameters.</summary>
    public void ZeroGradients()
    {
        foreach (var slot in Slots)
            slot.Parameter.Value.grad = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in Slots)
        {
            slot.Mean.Dispose();
            slot.Square.Dispose();
        }
    }

    private void Update(Slot slot, Tensor gradient)
    {
        var (_, value, learningRate) = slot.Parameter;
        value.MultiplyInPlace(1 - (learningRate * _options.WeightDecay));
        slot.Mean.MultiplyInPlace(_options.Beta1).AddInPlace(gradient, 1 - _options.Beta1);
        slot.Square.MultiplyInPlace(_options.Beta2).AddProductInPlace(gradient, gradient, 1 - _options.Beta2);
        var meanCorrection = 1 - Math.Pow(_options.Beta1, Step);
        var squareCorrection = 1 - Math.Pow(_options.Beta2, Step);
        var denominator = slot.Square.sqrt().DivideInPlace(Math.Sqrt(squareCorrection)).AddInPlace(_options.Epsilon);
        value.AddQuotientInPlace(slot.Mean, denominator, -learningRate / meanCorrection);
    }

    /// <summary>A parameter and what the optimizer remembers of its gradients.</summary>
    /// <param name="Parameter">The parameter.</param>
    public sealed record Slot(TrainedParameter Parameter)
    {
        /// <summary>Running mean of the gradients, the parameter's shape and dtype.</summary>
        public Tensor Mean { get; } = zeros_like(Parameter.Value).DetachFromDisposeScope();

        /// <summary>Running mean of the squared gradients, the parameter's shape and dtype.</summary>
        public Tensor Square { get; } = zeros_like(Parameter.Value).DetachFromDisposeScope();
    }
}
