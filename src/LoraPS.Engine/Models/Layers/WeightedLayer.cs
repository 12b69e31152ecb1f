using LoraPS.Engine.Runtime;
using TorchSharp;
using TorchSharp.Utils;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Base of every layer that owns a weight and perhaps a bias: the leaves of all models.</summary>
/// <remarks>
/// Parameters start uninitialised and frozen. They are always filled afterwards, from a file or by an initialiser;
/// drawing random numbers for a billion values first would only cost time. A layer made on the meta device costs no
/// memory until <see cref="Assign"/> gives it values, which may be memory-mapped.
/// </remarks>
public abstract class WeightedLayer : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private Parameter _weight;

    [ComponentName(Name = "bias")]
    private Parameter? _bias;

    private protected WeightedLayer(string name, long[] weightShape, long? biasLength, Device? device)
        : base(name)
    {
        TorchRuntime.EnsureLoaded();
        _weight = Uninitialised(weightShape, device);
        _bias = biasLength is { } length ? Uninitialised([length], device) : null;
        RegisterComponents();
    }

    /// <summary>The weight, output dimension first.</summary>
    public Tensor Weight => _weight;

    /// <summary>The bias [out], or null.</summary>
    public Tensor? Bias => _bias;

    /// <summary>Puts <paramref name="value"/> in the place of a parameter, without copying it unless the layer keeps
    /// its weight in another memory order.</summary>
    /// <param name="parameter">"weight" or "bias".</param>
    /// <param name="value">A tensor of the parameter's shape; the layer owns it from now on.</param>
    /// <exception cref="ArgumentException">The layer has no such parameter, or the shape is another.</exception>
    public void Assign(string parameter, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var old = parameter switch { "weight" => _weight, "bias" => _bias, _ => null }
            ?? throw new ArgumentException($"{GetName()} has no parameter '{parameter}'.", nameof(parameter));
        if (!old.shape.AsSpan().SequenceEqual(value.shape))
            throw new ArgumentException($"{GetName()}.{parameter} is [{string.Join(", ", old.shape)}], the value [{string.Join(", ", value.shape)}].", nameof(value));

        var arranged = parameter == "weight" ? Arrange(value) : value;
        if (!ReferenceEquals(arranged, value))
            value.Dispose();
        var replacement = new Parameter(arranged, requires_grad: false);
        replacement.DetachFromDisposeScope();
        if (parameter == "weight")
            _weight = replacement;
        else
            _bias = replacement;
        ConditionallyRegisterParameter(parameter, replacement);
        old.Dispose();
    }

    /// <summary>The weight in the memory order in which the layer computes fastest; its shape stays.</summary>
    private protected virtual Tensor Arrange(Tensor weight) => weight;

    private static Parameter Uninitialised(long[] shape, Device? device)
    {
        var parameter = new Parameter(empty(shape, ScalarType.Float32, device), requires_grad: false);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
