using LoraPS.Engine.Data;
using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Draws a picture's noise and timestep.</summary>
/// <remarks>Every number follows from the seed, the epoch and the picture's place in it.</remarks>
/// <param name="seed">The run's seed.</param>
/// <param name="options">Which noise.</param>
public sealed class NoiseSampler(long seed, NoiseOptions options)
{
    /// <summary>The noise that is to be predicted.</summary>
    /// <param name="latents">The picture's scaled latents [4, h, w].</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="item">The picture.</param>
    /// <returns>Same shape, float32 on the CPU.</returns>
    public Tensor Noise(Tensor latents, int epoch, BatchItem item)
    {
        ArgumentNullException.ThrowIfNull(latents);
        using var scope = NewDisposeScope();
        var picture = latents.cpu().unsqueeze(0);
        var noise = Random(RandomPurpose.Noise, epoch, item).Normal(picture.shape);
        if (options.Offset > 0)
        {
            var shifts = Random(RandomPurpose.NoiseOffset, epoch, item).Normal(1, picture.shape[1], 1, 1);
            var strength = Strength(options.Offset, options.OffsetRandomStrength, RandomPurpose.NoiseOffsetStrength, epoch, item);
            noise = NoiseShaping.Offset(noise, picture, shifts, strength, options.AdaptiveScale);
        }

        if (options.PyramidLevels > 0)
            noise = NoiseShaping.Pyramid(noise, Levels(picture.shape, Random(RandomPurpose.PyramidNoise, epoch, item)), options.PyramidDiscount);
        return noise.squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Noise that is added to what the U-Net sees only, or null for none.</summary>
    /// <param name="shape">The latents' shape.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="item">The picture.</param>
    public Tensor? Perturbation(long[] shape, int epoch, BatchItem item)
    {
        if (options.InputPerturbation == 0)
            return null;
        var strength = Strength(options.InputPerturbation, options.InputPerturbationRandomStrength, RandomPurpose.InputPerturbationStrength, epoch, item);
        return Random(RandomPurpose.InputPerturbation, epoch, item).Normal(shape).MultiplyInPlace(strength);
    }

    /// <summary>The timestep.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="item">The picture.</param>
    public long Timestep(int epoch, BatchItem item) =>
        options.MinTimestep + Random(RandomPurpose.Timestep, epoch, item).NextInt(options.MaxTimestep - options.MinTimestep);

    private List<Tensor> Levels(long[] shape, CounterRandom random) =>
        [.. NoiseShaping.PyramidSizes(shape[2], shape[3], options.PyramidLevels, random.NextDouble)
            .Select(size => random.Normal(shape[0], shape[1], size.Height, size.Width))];

    private double Strength(double most, bool isRandom, RandomPurpose purpose, int epoch, BatchItem item) =>
        isRandom ? most * Random(purpose, epoch, item).NextDouble() : most;

    private CounterRandom Random(RandomPurpose purpose, int epoch, BatchItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(seed, purpose, epoch, item.ItemIndex);
    }
}
