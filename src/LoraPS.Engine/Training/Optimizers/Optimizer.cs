using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>Moves parameters by their gradients.</summary>
/// <remarks>
/// All that is remembered from one step to the next lies in <see cref="Memory"/>, as tensors that can be written to a file
/// and put back, so that a stopped run goes on with exactly the same numbers. A parameter without a gradient, or with a
/// learning rate of 0, is left alone and its steps are not counted, as in PyTorch. Parameters in half precision are moved in
/// float32 and rounded once; PyTorch computes and remembers in half precision, where squares of gradients vanish.
/// </remarks>
public abstract class Optimizer : IDisposable
{
    private readonly OrderedDictionary<string, Tensor> _memory = [];
    private readonly Tensor _steps;

    /// <summary>Starts with empty memory.</summary>
    /// <param name="parameters">What to train; not owned.</param>
    protected Optimizer(IEnumerable<TrainedParameter> parameters)
    {
        Parameters = [.. parameters];
        _steps = Remember("optimizer.steps", zeros(Parameters.Count, ScalarType.Int64));
    }

    /// <summary>What is trained.</summary>
    public IReadOnlyList<TrainedParameter> Parameters { get; }

    /// <summary>What is remembered, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Memory => _memory;

    /// <summary>Updates done.</summary>
    public int Step => Parameters.Count == 0 ? 0 : Enumerable.Range(0, Parameters.Count).Max(StepsOf);

    /// <summary>What the schedule multiplies all learning rates by in the next update.</summary>
    /// <value>Default 1.</value>
    public double RateFactor { get; set; } = 1;

    /// <summary>The learning rate in force, for logs.</summary>
    /// <param name="learningRate">The learning rate that was given.</param>
    public virtual double RateInForce(double learningRate) => learningRate * RateFactor;

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Update()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Advance();
    }

    /// <summary>Forgets the gradients of all parameters.</summary>
    public void ZeroGradients()
    {
        foreach (var parameter in Parameters)
            parameter.Value.grad = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _memory.Values)
            tensor.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Does an update; by default each parameter by itself.</summary>
    protected virtual void Advance() => ForEachGradient(Move);

    /// <summary>Moves one parameter.</summary>
    /// <param name="part">The parameter, its gradient, and how far to go.</param>
    protected virtual void Move(ParameterStep part) => throw new NotSupportedException();

    /// <summary>Does something with every parameter that is to be moved, and counts a step for it.</summary>
    private protected void ForEachGradient(Action<ParameterStep> action, bool count = true)
    {
        for (var i = 0; i < Parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            if (Parameters[i] is not { LearningRate: not 0 } parameter || parameter.Value.grad is not { } gradient)
                continue;
            if (count)
                _steps.data<long>()[i]++;
            using var value = parameter.Value.to(WorkingType(parameter));
            action(new(i, StepsOf(i), value, gradient.to(value.dtype), parameter.LearningRate * RateFactor));
            if (value.dtype != parameter.Value.dtype)
                parameter.Value.copy_(value);
        }
    }

    /// <summary>Adds a tensor to the memory, which owns it from now on.</summary>
    private protected Tensor Remember(string name, Tensor start)
    {
        _memory.Add(name, start.DetachFromDisposeScope());
        return start;
    }

    /// <summary>Adds a tensor to the memory for each parameter: zeros of its shape, named after it.</summary>
    private protected Tensor[] RememberForEach(string suffix) =>
        [.. Parameters.Select(parameter => Remember($"{parameter.Name}.{suffix}", zeros_like(parameter.Value, WorkingType(parameter))))];

    /// <summary>Number format in which a parameter is moved, and what is remembered of it kept.</summary>
    private protected static ScalarType WorkingType(TrainedParameter parameter) =>
        parameter.Value.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? ScalarType.Float32 : parameter.Value.dtype;

    /// <summary>The number in a tensor of one element, wherever it lives and in any number format.</summary>
    private protected static double Number(Tensor tensor) => tensor.to(ScalarType.Float32, CPU).item<float>();

    private int StepsOf(int index) => (int)_steps.data<long>()[index];
}
