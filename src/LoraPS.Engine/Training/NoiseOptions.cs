namespace LoraPS.Engine.Training;

/// <summary>Which noise and which timesteps a model is trained with.</summary>
/// <remarks>sd-scripts' option names are in brackets. What is drawn once for a batch there is drawn for each picture here, so that a picture's noise does not depend on the others.</remarks>
public sealed record NoiseOptions
{
    /// <summary>Standard deviation of a shift of each channel (<c>noise_offset</c>).</summary>
    /// <value>Default 0: none; 0.05 to 0.1 is usual.</value>
    public double Offset { get; init; }

    /// <summary>Whether <see cref="Offset"/> is multiplied by a random number from 0 to 1 (<c>noise_offset_random_strength</c>).</summary>
    /// <value>Default false.</value>
    public bool OffsetRandomStrength { get; init; }

    /// <summary>Added to <see cref="Offset"/> for each unit of the latents' absolute mean (<c>adaptive_noise_scale</c>).</summary>
    /// <value>Default null: nothing.</value>
    public double? AdaptiveScale { get; init; }

    /// <summary>Most levels of pyramid noise (<c>multires_noise_iterations</c>).</summary>
    /// <value>Default 0: none; 6 to 10 is usual.</value>
    public int PyramidLevels { get; init; }

    /// <summary>Share of each level of pyramid noise in terms of the one before (<c>multires_noise_discount</c>).</summary>
    /// <value>Above 0; default 0.3.</value>
    public double PyramidDiscount { get; init; } = 0.3;

    /// <summary>Standard deviation of noise that is added to what the U-Net sees and not told it (<c>ip_noise_gamma</c>).</summary>
    /// <value>Default 0: none; 0.1 is usual.</value>
    public double InputPerturbation { get; init; }

    /// <summary>Whether <see cref="InputPerturbation"/> is multiplied by a random number from 0 to 1 (<c>ip_noise_gamma_random_strength</c>).</summary>
    /// <value>Default false.</value>
    public bool InputPerturbationRandomStrength { get; init; }

    /// <summary>The first timestep that is drawn (<c>min_timestep</c>).</summary>
    /// <value>Default 0.</value>
    public int MinTimestep { get; init; }

    /// <summary>The timestep before which drawing ends (<c>max_timestep</c>).</summary>
    /// <value>Above <see cref="MinTimestep"/>; default 1000.</value>
    public int MaxTimestep { get; init; } = TimestepCount;

    /// <summary>Whether the schedule is rescaled so that at the last timestep nothing of the picture is left (<c>zero_terminal_snr</c>).</summary>
    /// <value>Default false.</value>
    public bool ZeroTerminalSnr { get; init; }

    /// <summary>Timesteps of Stable Diffusion.</summary>
    internal const int TimestepCount = 1000;

    /// <summary>The range of timesteps, as far as it is not all of them.</summary>
    internal (int Lowest, int Highest)? TimestepRange =>
        (MinTimestep, MaxTimestep) == (0, TimestepCount) ? null : (MinTimestep, MaxTimestep);

    /// <summary>Checks every number against its range.</summary>
    /// <exception cref="ArgumentException">One is outside, or needs another one.</exception>
    internal void Validate()
    {
        foreach (var (name, number) in new[] { (nameof(Offset), Offset), (nameof(InputPerturbation), InputPerturbation), (nameof(PyramidLevels), (double)PyramidLevels) })
        {
            if (!(number >= 0 && double.IsFinite(number)))
                throw new ArgumentOutOfRangeException(name, number, "Must be at least 0; 0 is none.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PyramidDiscount);
        ArgumentOutOfRangeException.ThrowIfNegative(MinTimestep);
        if (MaxTimestep is > TimestepCount || MaxTimestep <= MinTimestep)
            throw new ArgumentOutOfRangeException(nameof(MaxTimestep), MaxTimestep, $"Timesteps are drawn from {nameof(MinTimestep)} ({MinTimestep}) up to, but not including, {nameof(MaxTimestep)}, which must be above it and at most {TimestepCount}.");
        ThrowIfAlone(AdaptiveScale is not null || OffsetRandomStrength, AdaptiveScale is not null ? nameof(AdaptiveScale) : nameof(OffsetRandomStrength), nameof(Offset), Offset);
        ThrowIfAlone(InputPerturbationRandomStrength, nameof(InputPerturbationRandomStrength), nameof(InputPerturbation), InputPerturbation);
    }

    private static void ThrowIfAlone(bool given, string name, string needed, double value)
    {
        if (given && value == 0)
            throw new ArgumentException($"{name} changes {needed}, which is 0: give {needed} too.", name);
    }
}
