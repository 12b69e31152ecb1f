namespace LoraPS.Engine.Training;

/// <summary>How the error of a prediction is measured, and how much it counts at each timestep.</summary>
/// <remarks>sd-scripts' option names are in brackets.</remarks>
public sealed record LossOptions
{
    /// <summary>The measure of an element's error (<c>loss_type</c>).</summary>
    /// <value>Default <see cref="LossKind.L2"/>.</value>
    public LossKind Kind { get; init; }

    /// <summary>How the threshold of <see cref="LossKind.Huber"/> and <see cref="LossKind.SmoothL1"/> follows the timestep (<c>huber_schedule</c>).</summary>
    /// <value>Default <see cref="HuberSchedule.Snr"/>.</value>
    public HuberSchedule HuberSchedule { get; init; }

    /// <summary>The threshold at the noisy end (<c>huber_c</c>).</summary>
    /// <value>Above 0; default 0.1.</value>
    public double HuberC { get; init; } = 0.1;

    /// <summary>Factor of the thresholds of <see cref="HuberSchedule.Exponential"/> and <see cref="HuberSchedule.Constant"/> (<c>huber_scale</c>).</summary>
    /// <value>Above 0; default 1.</value>
    public double HuberScale { get; init; } = 1;

    /// <summary>The signal-to-noise ratio above which timesteps count less and less (<c>min_snr_gamma</c>).</summary>
    /// <value>Above 0; default null: all count the same; 5 is usual.</value>
    public double? MinSnrGamma { get; init; }

    /// <summary>Whether timesteps count by one over the root of their signal-to-noise ratio (<c>debiased_estimation_loss</c>).</summary>
    /// <value>Default false.</value>
    public bool DebiasedEstimation { get; init; }

    /// <summary>Whether v-prediction's errors count as noise prediction's would (<c>scale_v_pred_loss_like_noise_pred</c>).</summary>
    /// <value>Default false.</value>
    public bool ScaleVelocityLikeNoise { get; init; }

    /// <summary>Share of v-prediction's loss that is added to noise prediction's (<c>v_pred_like_loss</c>).</summary>
    /// <value>At least 0; default 0: nothing.</value>
    public double VelocityLikeLoss { get; init; }

    /// <summary>Whether the weights of timesteps follow the signal-to-noise ratio before <see cref="NoiseOptions.ZeroTerminalSnr"/> rescales the schedule.</summary>
    /// <value>Default false: they follow the schedule that is trained with. True is what sd-scripts computes.</value>
    public bool SnrBeforeRescaling { get; init; }

    /// <summary>Checks every number against its range.</summary>
    /// <exception cref="ArgumentException">One is outside, or is not used.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(HuberC);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(HuberScale);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MinSnrGamma ?? 1, nameof(MinSnrGamma));
        ArgumentOutOfRangeException.ThrowIfNegative(VelocityLikeLoss);
        if (!Enum.IsDefined(Kind))
            throw new ArgumentOutOfRangeException(nameof(Kind), Kind, $"There are {string.Join(", ", Enum.GetNames<LossKind>())}.");
        if (!Enum.IsDefined(HuberSchedule))
            throw new ArgumentOutOfRangeException(nameof(HuberSchedule), HuberSchedule, $"There are {string.Join(", ", Enum.GetNames<HuberSchedule>())}.");
        if (HuberSchedule == HuberSchedule.Snr && HuberScale != 1)
            throw new ArgumentException($"{nameof(HuberScale)} is not used by the schedule {HuberSchedule}, whose threshold is 1 where there is no noise; change {nameof(HuberC)}, or take the schedule {HuberSchedule.Exponential} or {HuberSchedule.Constant}.", nameof(HuberScale));
    }

    /// <summary>Checks that the loss goes with what is predicted and with the noise.</summary>
    /// <param name="vPrediction">Whether the model predicts velocities.</param>
    /// <param name="noise">The noise it is trained with.</param>
    /// <exception cref="ArgumentException">It does not.</exception>
    internal void ThrowIfUnfit(bool vPrediction, NoiseOptions noise)
    {
        if (ScaleVelocityLikeNoise && !vPrediction)
            throw new ArgumentException($"{nameof(ScaleVelocityLikeNoise)} is for models that predict velocities; say that this one does, or leave it out.");
        if (VelocityLikeLoss > 0 && vPrediction)
            throw new ArgumentException($"{nameof(VelocityLikeLoss)} is for models that predict noise, and this one predicts velocities.");
        var isInfinite = !vPrediction && !SnrBeforeRescaling && (DebiasedEstimation || VelocityLikeLoss > 0);
        if (isInfinite && noise is { ZeroTerminalSnr: true, MaxTimestep: NoiseOptions.TimestepCount })
            throw new ArgumentException($"With {nameof(noise.ZeroTerminalSnr)} the last timestep has no signal, and {(DebiasedEstimation ? nameof(DebiasedEstimation) : nameof(VelocityLikeLoss))} would weigh it infinitely. Set {nameof(noise.MaxTimestep)} to {NoiseOptions.TimestepCount - 1} or less, or {nameof(SnrBeforeRescaling)}, which is what sd-scripts does.");
    }
}
