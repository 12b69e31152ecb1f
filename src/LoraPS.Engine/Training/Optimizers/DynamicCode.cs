using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>Numbers from -1 to 1 in one byte, close together near zero: an exponent of ten and a fraction that share the bits.</summary>
/// <remarks>
/// Dettmers, "8-bit approximations for parallelism in deep learning", 2016. The same 256 numbers as create_dynamic_map of
/// bitsandbytes/functional.py@95f9af3. A negative number never becomes 0, so that a mean keeps its direction.
/// </remarks>
public sealed class DynamicCode
{
    private const int Exponents = 7;
    private readonly float[] _numbers;
    private readonly float[] _bounds;

    private DynamicCode(bool signed)
    {
        _numbers = [.. Positive(signed).SelectMany(number => signed ? [number, -number] : new[] { number }), 0, 1];
        Array.Sort(_numbers);
        _bounds = [.. _numbers.Zip(_numbers.Skip(1), (low, high) => high == 0 ? -float.Epsilon : (low + high) * 0.5f)];
    }

    /// <summary>For running means of gradients.</summary>
    public static DynamicCode OfMeans { get; } = new(signed: true);

    /// <summary>For running means of squared gradients, from 0 to 1.</summary>
    public static DynamicCode OfSquares { get; } = new(signed: false);

    /// <summary>What the bytes stand for, in rising order.</summary>
    public IReadOnlyList<float> Numbers => _numbers;

    /// <summary>The number of each byte.</summary>
    /// <param name="codes">Bytes of any shape.</param>
    /// <returns>Float32, same shape.</returns>
    public Tensor Decode(Tensor codes)
    {
        using var scope = NewDisposeScope();
        var numbers = tensor(_numbers, device: codes.device);
        return numbers.index_select(0, codes.flatten().to(ScalarType.Int64)).reshape(codes.shape).MoveToOuterDisposeScope();
    }

    /// <summary>The byte whose number is nearest.</summary>
    /// <param name="values">Numbers from -1 to 1.</param>
    /// <returns>Bytes, same shape.</returns>
    public Tensor Encode(Tensor values)
    {
        using var scope = NewDisposeScope();
        return bucketize(values, tensor(_bounds, device: values.device)).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }

    /// <summary>The middles of equal parts of 0.1 to 1, more of them the larger the power of ten.</summary>
    private static IEnumerable<float> Positive(bool signed)
    {
        for (var exponent = 0; exponent < Exponents; exponent++)
        {
            var parts = 1 << (signed ? exponent : exponent + 1);
            var power = (float)Math.Pow(10, exponent - (Exponents - 1));
            for (var i = 0; i < parts; i++)
                yield return power * ((Bound(i, parts) + Bound(i + 1, parts)) / 2);
        }
    }

    // In float32 and from both ends, as torch.linspace.
    private static float Bound(int index, int parts)
    {
        var width = (1 - 0.1f) / parts;
        return index < (parts + 1) / 2 ? 0.1f + (width * index) : 1 - (width * (parts - index));
    }
}
