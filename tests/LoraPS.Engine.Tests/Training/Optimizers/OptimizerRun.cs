using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.Engine.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training.Optimizers;

/// <summary>An optimizer that brings a matrix, large enough for 8-bit memory, and a vector to zero.</summary>
internal sealed class OptimizerRun : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor[] _values;
    private readonly Optimizer _optimizer;

    public OptimizerRun(string name, params string[] arguments)
    {
        var random = new CounterRandom(3, RandomPurpose.ModelInit);
        _values = [random.Normal(70, 65).requires_grad_(), random.Normal(9).requires_grad_()];
        var kind = OptimizerArguments.Parse(name, arguments);
        var rate = kind.Kind.AdaptsRate ? 1 : 1e-3;
        _optimizer = kind.Create([new("matrix", _values[0], rate), new("vector", _values[1], rate)]);
    }

    public void Steps(int first, int end)
    {
        for (var step = first; step < end; step++)
        {
            using var scope = NewDisposeScope();
            foreach (var (index, value) in _values.Index())
            {
                // The slope of half the square, and some noise that depends on the step alone.
                using var noGradient = no_grad();
                var noise = new CounterRandom(step, RandomPurpose.Noise, item: index).Normal(value.shape);
                value.grad = value.detach() + (noise * 0.3);
            }

            _optimizer.Update();
            _optimizer.ZeroGradients();
        }
    }

    public double Distance()
    {
        using var scope = NewDisposeScope();
        return _values.Sum(value => value.detach().square().sum().item<float>());
    }

    /// <summary>Saves values and memory as a stopped run does.</summary>
    public void Save(string path) => new TrainingState(0, 0, default, new Dictionary<string, string>(), []).Write(path, Memory);

    public void Load(string path) => TrainingState.Restore(path, Memory);

    private IEnumerable<KeyValuePair<string, Tensor>> Memory =>
        _optimizer.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)).Concat(_optimizer.Memory);

    /// <summary>Values and memory, to the last bit.</summary>
    public byte[] Bytes() => [.. _values.Concat(_optimizer.Memory.Values).SelectMany(tensor => tensor.detach().contiguous().bytes.ToArray())];

    public void Dispose()
    {
        _optimizer.Dispose();
        _scope.Dispose();
    }
}
