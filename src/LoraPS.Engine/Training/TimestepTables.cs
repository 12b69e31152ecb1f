namespace LoraPS.Engine.Training;

/// <summary>What depends on the timestep alone: how much a picture's loss counts, and the threshold of a Huber loss.</summary>
/// <remarks>
/// Follows sd-scripts library/custom_train_functions.py and train_util.py (get_huber_threshold_if_needed) @48d368fa. Min-SNR: Hang
/// et al., "Efficient diffusion training via min-SNR weighting strategy", 2023. Debiased estimation: Yu et al., "Unmasking bias in
/// diffusion model training", 2023.
/// </remarks>
public static class TimestepTables
{
    private const double LargestSnr = 1000;

    /// <summary>The factor of a picture's loss at each timestep.</summary>
    /// <param name="options">Which weights; those that are on are multiplied.</param>
    /// <param name="vPrediction">Whether the model predicts velocities.</param>
    /// <param name="snr">Signal-to-noise ratio of each timestep.</param>
    public static float[] Weights(LossOptions options, bool vPrediction, IEnumerable<float> snr) =>
        [.. snr.Select(ratio => (float)Weight(options, vPrediction, ratio))];

    /// <summary>The threshold c of a Huber loss at each timestep.</summary>
    /// <param name="options">Its schedule.</param>
    /// <param name="alphasCumprod">Share of the signal's variance that is left at each timestep.</param>
    public static float[] Thresholds(LossOptions options, IReadOnlyCollection<float> alphasCumprod)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(alphasCumprod);
        return [.. alphasCumprod.Select((signal, timestep) => (float)(options.HuberSchedule switch
        {
            HuberSchedule.Constant => options.HuberC * options.HuberScale,
            HuberSchedule.Exponential => Math.Pow(options.HuberC, (double)timestep / alphasCumprod.Count) * options.HuberScale,
            _ => ((1 - options.HuberC) / Math.Pow(1 + Math.Sqrt((1 - signal) / (double)signal), 2)) + options.HuberC,
        }))];
    }

    private static double Weight(LossOptions options, bool vPrediction, double snr)
    {
        var weight = options.MinSnrGamma is { } gamma ? MinSnr(snr, gamma, vPrediction) : 1;
        var limited = Math.Min(snr, LargestSnr);
        var share = limited / (limited + 1);
        if (options.ScaleVelocityLikeNoise)
            weight *= share;
        if (options.VelocityLikeLoss > 0)
            weight *= 1 + (options.VelocityLikeLoss / share);
        return options.DebiasedEstimation ? weight * (vPrediction ? 1 / (limited + 1) : 1 / Math.Sqrt(limited)) : weight;
    }

    // Where nothing of the picture is left the ratio is 0, and the quotient of noise prediction is its limit.
    private static double MinSnr(double snr, double gamma, bool vPrediction) =>
        vPrediction ? Math.Min(snr, gamma) / (snr + 1) : snr <= gamma ? 1 : gamma / snr;
}
