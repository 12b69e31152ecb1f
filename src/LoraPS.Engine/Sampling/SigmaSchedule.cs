using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Sampling;

/// <summary>The noise levels a sampler walks down, and the model's timesteps that belong to them.</summary>
/// <remarks>
/// A level is σ = √((1−ᾱ)/ᾱ): the noise's standard deviation where the signal is not scaled down. Between two timesteps its
/// logarithm is interpolated, as in k-diffusion's DiscreteSchedule, external.py@6ab5146.
/// </remarks>
public sealed class SigmaSchedule
{
    private const double KarrasCurve = 7;
    private readonly double[] _logSigmas;

    /// <summary>Takes the levels of a model's timesteps.</summary>
    /// <param name="schedule">The model's noise schedule; not kept.</param>
    public SigmaSchedule(NoiseSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        TorchRuntime.EnsureLoaded();
        _logSigmas = [.. schedule.AlphasCumprod.data<float>().Select(left => Math.Log((1 - (double)left) / left) / 2)];
    }

    /// <summary>The level of a timestep, which may lie between two.</summary>
    public double SigmaOf(double timestep)
    {
        var below = Math.Clamp((int)timestep, 0, _logSigmas.Length - 2);
        return Math.Exp(double.Lerp(_logSigmas[below], _logSigmas[below + 1], timestep - below));
    }

    /// <summary>The timestep of a level; between two timesteps where no timestep has it.</summary>
    /// <param name="sigma">Above 0; levels outside the schedule take its ends.</param>
    public double TimestepOf(double sigma)
    {
        var log = Math.Clamp(Math.Log(sigma), _logSigmas[0], _logSigmas[^1]);
        var found = Array.BinarySearch(_logSigmas, log);
        if (found >= 0)
            return found;
        var above = ~found;
        return above - ((_logSigmas[above] - log) / (_logSigmas[above] - _logSigmas[above - 1]));
    }

    /// <summary>Levels for a number of steps, and 0 at the end.</summary>
    /// <param name="spacing">How they are spread.</param>
    /// <param name="steps">At least 1.</param>
    /// <returns>steps + 1 falling numbers.</returns>
    public IReadOnlyList<double> Levels(SigmaSpacing spacing, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, _logSigmas.Length);
        var places = Enumerable.Range(0, steps).Select(i => steps == 1 ? 0 : i / (double)(steps - 1));
        return [.. spacing switch
        {
            SigmaSpacing.Leading => Leading(steps),
            SigmaSpacing.Karras => places.Select(Karras),
            _ => places.Select(place => SigmaOf((1 - place) * (_logSigmas.Length - 1))),
        }, 0];
    }

    // As DDIM was published: every (timesteps / steps)-th timestep from the second one on.
    private IEnumerable<double> Leading(int steps)
    {
        var stride = _logSigmas.Length / steps;
        return Enumerable.Range(1, steps).Select(i => SigmaOf(Math.Min(((steps - i) * stride) + 1, _logSigmas.Length - 1)));
    }

    private double Karras(double place)
    {
        double low = Math.Exp(_logSigmas[0] / KarrasCurve), high = Math.Exp(_logSigmas[^1] / KarrasCurve);
        return Math.Pow(double.Lerp(high, low, place), KarrasCurve);
    }
}
