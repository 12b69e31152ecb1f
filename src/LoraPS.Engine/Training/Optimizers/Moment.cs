using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>A running mean of one parameter: in float32, or as one byte an element with a scale for each block.</summary>
/// <remarks>Blocks of 256 elements, each divided by its largest magnitude, as bitsandbytes (bitsandbytes/optim/optimizer.py@95f9af3); older versions had larger blocks.</remarks>
internal sealed class Moment
{
    /// <summary>Name of the argument that tells from how many elements on one byte is used.</summary>
    public const string SmallestArgument = "min_8bit_size";

    /// <summary>Default of that argument.</summary>
    public const long DefaultSmallest = 4096;

    private const long BlockSize = 256;
    private readonly long[] _shape;
    private readonly DynamicCode _code;
    private readonly Tensor _values;
    private readonly Tensor? _scales;

    /// <summary>Starts with zeros.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="suffix">Name of the mean.</param>
    /// <param name="code">What the bytes stand for.</param>
    /// <param name="smallest">Elements from which on bytes are used.</param>
    /// <param name="remember">Takes tensors into the optimizer's memory.</param>
    public Moment(TrainedParameter parameter, string suffix, DynamicCode code, long smallest, Func<string, Tensor, Tensor> remember)
    {
        (_shape, _code) = (parameter.Value.shape, code);
        var name = $"{parameter.Name}.{suffix}";
        if (parameter.Value.numel() < smallest)
        {
            _values = remember(name, zeros(_shape, ScalarType.Float32, parameter.Value.device));
            return;
        }

        var blocks = (parameter.Value.numel() + BlockSize - 1) / BlockSize;
        _values = remember(name, zeros([blocks, BlockSize], ScalarType.Byte, parameter.Value.device));
        _scales = remember($"{name}.absmax", zeros([blocks, 1], ScalarType.Float32, parameter.Value.device));
    }

    /// <summary>The mean; changing it in place and giving it to <see cref="Write"/> changes what is remembered.</summary>
    /// <returns>The parameter's shape, float32.</returns>
    public Tensor Read() => _scales is null
        ? _values
        : (_code.Decode(_values) * _scales).flatten().narrow(0, 0, Elements).reshape(_shape);

    /// <summary>Remembers a mean.</summary>
    /// <param name="mean">A result of <see cref="Read"/>, changed.</param>
    public void Write(Tensor mean)
    {
        if (_scales is null)
            return;
        var padding = zeros(_values.numel() - Elements, ScalarType.Float32, mean.device);
        var blocks = cat([mean.flatten(), padding]).reshape(-1, BlockSize);
        _scales.copy_(blocks.abs().amax([1], keepdim: true));
        _values.copy_(_code.Encode(blocks / _scales.AtLeast(float.Epsilon)));
    }

    private long Elements => _shape.Aggregate(1L, (product, side) => product * side);
}
