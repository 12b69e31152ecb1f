using System.Management.Automation;
using LoraPS.Engine.Training;

namespace LoraPS.Cmdlets.Common;

/// <content>Learning-rate schedule, noise and loss.</content>
public abstract partial class TrainingCmdlet
{
    /// <summary>How the learning rates change: constant, constant_with_warmup, linear, cosine, cosine_with_restarts, polynomial, inverse_sqrt, cosine_with_min_lr, warmup_stable_decay or piecewise_constant.</summary>
    [Parameter]
    [Alias("lr_scheduler")]
    [ArgumentCompleter(typeof(LrScheduleCompleter))]
    [ValidateNotNullOrEmpty]
    public string LrScheduler { get; set; } = Defaults.LrSchedule.Name;

    /// <summary>Steps in which the learning rates rise from 0; below 1, a share of all steps.</summary>
    [Parameter]
    [Alias("lr_warmup_steps", "LrWarmupSteps")]
    [ValidateRange(0.0, double.MaxValue)]
    public double LrWarmup { get; set; }

    /// <summary>Steps in which they fall at the end (warmup_stable_decay); below 1, a share of all steps.</summary>
    [Parameter]
    [Alias("lr_decay_steps", "LrDecaySteps")]
    [ValidateRange(0.0, double.MaxValue)]
    public double LrDecay { get; set; }

    /// <summary>Restarts, or half waves, of the cosine.</summary>
    [Parameter]
    [Alias("lr_scheduler_num_cycles", "LrSchedulerNumCycles")]
    [ValidateRange(1, int.MaxValue)]
    public int LrCycles { get; set; } = Defaults.LrSchedule.Cycles;

    /// <summary>Exponent of polynomial.</summary>
    [Parameter]
    [Alias("lr_scheduler_power", "LrSchedulerPower")]
    public double LrPower { get; set; } = Defaults.LrSchedule.Power;

    /// <summary>Steps over which inverse_sqrt falls; the warm-up's where not given.</summary>
    [Parameter]
    [Alias("lr_scheduler_timescale", "LrSchedulerTimescale")]
    [ValidateRange(1, int.MaxValue)]
    public int? LrTimescale { get; set; }

    /// <summary>What is left of the learning rates at their lowest (cosine_with_min_lr, warmup_stable_decay).</summary>
    [Parameter]
    [Alias("lr_scheduler_min_lr_ratio", "LrSchedulerMinLrRatio")]
    [ValidateRange(0.0, 1.0)]
    public double? LrMinRatio { get; set; }

    /// <summary>Factors of piecewise_constant and the steps they end before, such as 1:10,0.1:20,0.05.</summary>
    [Parameter]
    public string? LrStepRules { get; set; }

    /// <summary>The measure of an error: L2, L1, Huber or SmoothL1.</summary>
    [Parameter]
    [Alias("loss_type")]
    [UnderscoreTransformation]
    public LossKind LossType { get; set; } = Defaults.Loss.Kind;

    /// <summary>How the threshold of a Huber loss follows the timestep: Snr, Exponential or Constant.</summary>
    [Parameter]
    [Alias("huber_schedule")]
    public HuberSchedule HuberSchedule { get; set; } = Defaults.Loss.HuberSchedule;

    /// <summary>The threshold of a Huber loss at the noisy end.</summary>
    [Parameter]
    [Alias("huber_c")]
    public double HuberC { get; set; } = Defaults.Loss.HuberC;

    /// <summary>Factor of the thresholds of the schedules Exponential and Constant.</summary>
    [Parameter]
    [Alias("huber_scale")]
    public double HuberScale { get; set; } = Defaults.Loss.HuberScale;

    /// <summary>Signal-to-noise ratio above which timesteps count less; 5 is usual.</summary>
    [Parameter]
    [Alias("min_snr_gamma")]
    public double? MinSnrGamma { get; set; }

    /// <summary>Timesteps count by one over the root of their signal-to-noise ratio.</summary>
    [Parameter]
    [Alias("debiased_estimation_loss", "DebiasedEstimationLoss")]
    public SwitchParameter DebiasedEstimation { get; set; }

    /// <summary>The model predicts velocities, as Stable Diffusion 2 at 768 pixels does.</summary>
    [Parameter]
    [Alias("v_parameterization", "VParameterization")]
    public SwitchParameter VPrediction { get; set; }

    /// <summary>Errors of velocities count as errors of noise would.</summary>
    [Parameter]
    [Alias("scale_v_pred_loss_like_noise_pred", "ScaleVPredLossLikeNoisePred")]
    public SwitchParameter ScaleVelocityLikeNoise { get; set; }

    /// <summary>Share of the loss of velocities that is added to the loss of noise.</summary>
    [Parameter]
    [Alias("v_pred_like_loss", "VPredLikeLoss")]
    [ValidateRange(0.0, double.MaxValue)]
    public double VelocityLikeLoss { get; set; }

    /// <summary>Standard deviation of a shift of the noise's channels; 0.05 to 0.1 is usual.</summary>
    [Parameter]
    [Alias("noise_offset")]
    [ValidateRange(0.0, double.MaxValue)]
    public double NoiseOffset { get; set; }

    /// <summary>Multiply NoiseOffset by a random number from 0 to 1.</summary>
    [Parameter]
    [Alias("noise_offset_random_strength")]
    public SwitchParameter NoiseOffsetRandomStrength { get; set; }

    /// <summary>Added to NoiseOffset for each unit of the latents' absolute mean.</summary>
    [Parameter]
    [Alias("adaptive_noise_scale")]
    public double? AdaptiveNoiseScale { get; set; }

    /// <summary>Most levels of pyramid noise; 6 to 10 is usual.</summary>
    [Parameter]
    [Alias("multires_noise_iterations", "MultiresNoiseIterations")]
    [ValidateRange(0, int.MaxValue)]
    public int PyramidNoiseLevels { get; set; }

    /// <summary>Share of each level of pyramid noise in terms of the one before.</summary>
    [Parameter]
    [Alias("multires_noise_discount", "MultiresNoiseDiscount")]
    public double PyramidNoiseDiscount { get; set; } = Defaults.Noise.PyramidDiscount;

    /// <summary>Standard deviation of noise added to what the U-Net sees; 0.1 is usual.</summary>
    [Parameter]
    [Alias("ip_noise_gamma", "IpNoiseGamma")]
    [ValidateRange(0.0, double.MaxValue)]
    public double InputPerturbation { get; set; }

    /// <summary>Multiply InputPerturbation by a random number from 0 to 1.</summary>
    [Parameter]
    [Alias("ip_noise_gamma_random_strength", "IpNoiseGammaRandomStrength")]
    public SwitchParameter InputPerturbationRandomStrength { get; set; }

    /// <summary>The first timestep that is trained.</summary>
    [Parameter]
    [Alias("min_timestep")]
    public int MinTimestep { get; set; } = Defaults.Noise.MinTimestep;

    /// <summary>The timestep before which training ends.</summary>
    [Parameter]
    [Alias("max_timestep")]
    public int MaxTimestep { get; set; } = Defaults.Noise.MaxTimestep;

    /// <summary>Rescale the noise schedule so that nothing of the picture is left at the last timestep.</summary>
    [Parameter]
    [Alias("zero_terminal_snr")]
    public SwitchParameter ZeroTerminalSnr { get; set; }

    /// <summary>With ZeroTerminalSnr, weigh timesteps by the schedule before it is rescaled, as sd-scripts does.</summary>
    [Parameter]
    public SwitchParameter SnrBeforeRescaling { get; set; }

    /// <summary>Shorten the gradients of U-Net and text encoder to MaxGradNorm each by itself, not all together.</summary>
    [Parameter]
    public SwitchParameter GradNormPerPart { get; set; }

    /// <summary>Read (word), (word:1.3) and [word] in captions as weights.</summary>
    [Parameter]
    [Alias("weighted_captions")]
    public SwitchParameter WeightedCaptions { get; set; }

    private TrainingOptions AddObjective(TrainingOptions options) => options with
    {
        LrSchedule = options.LrSchedule with
        {
            Name = Given(LrScheduler, options.LrSchedule.Name),
            Warmup = Given(LrWarmup, options.LrSchedule.Warmup),
            Decay = Given(LrDecay, options.LrSchedule.Decay),
            Cycles = Given(LrCycles, options.LrSchedule.Cycles),
            Power = Given(LrPower, options.LrSchedule.Power),
            Timescale = Given(LrTimescale, options.LrSchedule.Timescale),
            MinRatio = Given(LrMinRatio, options.LrSchedule.MinRatio),
            StepRules = Given(LrStepRules, options.LrSchedule.StepRules),
        },
        Loss = options.Loss with
        {
            Kind = Given(LossType, options.Loss.Kind),
            HuberSchedule = Given(HuberSchedule, options.Loss.HuberSchedule),
            HuberC = Given(HuberC, options.Loss.HuberC),
            HuberScale = Given(HuberScale, options.Loss.HuberScale),
            MinSnrGamma = Given(MinSnrGamma, options.Loss.MinSnrGamma),
            DebiasedEstimation = Given(DebiasedEstimation, options.Loss.DebiasedEstimation),
            ScaleVelocityLikeNoise = Given(ScaleVelocityLikeNoise, options.Loss.ScaleVelocityLikeNoise),
            VelocityLikeLoss = Given(VelocityLikeLoss, options.Loss.VelocityLikeLoss),
            SnrBeforeRescaling = Given(SnrBeforeRescaling, options.Loss.SnrBeforeRescaling),
        },
        Noise = options.Noise with
        {
            Offset = Given(NoiseOffset, options.Noise.Offset),
            OffsetRandomStrength = Given(NoiseOffsetRandomStrength, options.Noise.OffsetRandomStrength),
            AdaptiveScale = Given(AdaptiveNoiseScale, options.Noise.AdaptiveScale),
            PyramidLevels = Given(PyramidNoiseLevels, options.Noise.PyramidLevels),
            PyramidDiscount = Given(PyramidNoiseDiscount, options.Noise.PyramidDiscount),
            InputPerturbation = Given(InputPerturbation, options.Noise.InputPerturbation),
            InputPerturbationRandomStrength = Given(InputPerturbationRandomStrength, options.Noise.InputPerturbationRandomStrength),
            MinTimestep = Given(MinTimestep, options.Noise.MinTimestep),
            MaxTimestep = Given(MaxTimestep, options.Noise.MaxTimestep),
            ZeroTerminalSnr = Given(ZeroTerminalSnr, options.Noise.ZeroTerminalSnr),
        },
        GradNormPerPart = Given(GradNormPerPart, options.GradNormPerPart),
        VPrediction = Given(VPrediction, options.VPrediction),
        WeightedCaptions = Given(WeightedCaptions, options.WeightedCaptions),
    };
}
