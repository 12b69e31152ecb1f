using static TorchSharp.torch;

namespace LoraPS.Engine.Runtime;

/// <summary>A random sequence fully named by (seed, purpose, epoch, item).</summary>
/// <remarks>
/// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). The seed is the key; purpose,
/// epoch and item are the counter's upper words; the position in the sequence is its lowest word. Nothing is shared
/// between sequences, so results do not depend on threads, on their order, or on where a run was taken up again.
/// Not safe for use by several threads at once: make one where it is used, it costs nothing.
/// </remarks>
/// <param name="seed">The run's seed.</param>
/// <param name="purpose">What the numbers are for.</param>
/// <param name="epoch">Epoch number, or 0.</param>
/// <param name="item">Item number within the epoch (or module number …), or 0.</param>
public sealed class CounterRandom(long seed, RandomPurpose purpose, int epoch = 0, int item = 0)
{
    private readonly uint[] _block = new uint[4];
    private uint _counter;
    private int _used = 4;
    private float? _spareNormal;

    /// <summary>The next 32 uniform bits.</summary>
    public uint NextUInt32()
    {
        if (_used == 4)
        {
            FillBlock();
            _used = 0;
        }

        return _block[_used++];
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (((ulong)NextUInt32() << 21) ^ (NextUInt32() >> 11)) * (1.0 / (1L << 53));

    /// <summary>Uniform integer in [0, <paramref name="exclusiveMax"/>), without bias.</summary>
    public int NextInt(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        // Lemire's multiply-and-reject.
        var bound = (uint)exclusiveMax;
        var threshold = (0u - bound) % bound;
        ulong product;
        do
        {
            product = (ulong)NextUInt32() * bound;
        }
        while ((uint)product < threshold);
        return (int)(product >> 32);
    }

    /// <summary>Standard normal number (Box-Muller, in double, rounded once).</summary>
    public float NextNormal()
    {
        if (_spareNormal is { } spare)
        {
            _spareNormal = null;
            return spare;
        }

        var radius = Math.Sqrt(-2 * Math.Log((NextUInt32() + 0.5) / 4294967296.0));
        var (sin, cos) = Math.SinCos(2 * Math.PI * ((NextUInt32() + 0.5) / 4294967296.0));
        _spareNormal = (float)(radius * sin);
        return (float)(radius * cos);
    }

    /// <summary>Standard normal numbers, float32 on the CPU.</summary>
    public Tensor Normal(params long[] shape) => Fill(shape, NextNormal);

    /// <summary>Uniform numbers in [<paramref name="low"/>, <paramref name="high"/>), float32 on the CPU.</summary>
    public Tensor Uniform(double low, double high, params long[] shape) =>
        Fill(shape, () => (float)(low + ((high - low) * NextDouble())));

    /// <summary>Puts the items in a uniformly random order, in place (Fisher-Yates).</summary>
    public void Shuffle<T>(IList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static Tensor Fill(long[] shape, Func<float> next)
    {
        TorchRuntime.EnsureLoaded();
        var values = new float[shape.Aggregate(1L, (product, side) => product * side)];
        for (var i = 0; i < values.Length; i++)
            values[i] = next();
        return values.ToTensor(shape);
    }

    private void FillBlock()
    {
        const uint m0 = 0xD2511F53, m1 = 0xCD9E8D57, w0 = 0x9E3779B9, w1 = 0xBB67AE85;
        uint c0 = _counter++, c1 = (uint)item, c2 = (uint)epoch, c3 = (uint)purpose;
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (var round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)m0 * c0, p1 = (ulong)m1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += w0;
            k1 += w1;
        }

        (_block[0], _block[1], _block[2], _block[3]) = (c0, c1, c2, c3);
    }
}
