using LoraPS.Engine.Formats;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Training.LearningRates;

namespace LoraPS.Engine.Training;

/// <summary>What a LoRA file says of the training it comes from: the <c>ss_</c> metadata.</summary>
/// <remarks>Keys and forms of sd-scripts train_network.py@48d368fa; values as Python prints them.</remarks>
internal static class TrainingMetadata
{
    /// <summary>What tells the network, and is written even where nothing else is to be.</summary>
    private static readonly string[] Least =
    [
        LoraMetadata.IsVersion2Key, LoraMetadata.BaseModelVersionKey, LoraMetadata.NetworkModuleKey, LoraMetadata.NetworkDimKey, LoraMetadata.NetworkAlphaKey, LoraMetadata.NetworkArgsKey,
    ];

    /// <summary>The metadata of a file written after some steps.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">Name of the finished LoRA, without folder and extension.</param>
    /// <param name="step">Steps done.</param>
    public static IReadOnlyDictionary<string, string> Of(RunFacts run, string name, int step)
    {
        var metadata = All(run, name, step);
        return run.Options.NoMetadata ? new OrderedDictionary<string, string>(metadata.Where(entry => Least.Contains(entry.Key))) : metadata;
    }

    private static OrderedDictionary<string, string> All(RunFacts run, string name, int step)
    {
        var metadata = new OrderedDictionary<string, string>();
        foreach (var (key, value) in Run(run, name, step).Concat(Network(run.Options)).Concat(Model(run)).Concat(Optimizer(run.Options)).Concat(Objective(run.Options)))
            metadata[key] = PythonText.Of(value);
        foreach (var (key, value) in DatasetMetadata.Of(run))
            metadata[key] = value;
        foreach (var (key, value) in UnusedFeatures.Metadata)
            metadata.TryAdd(key, value);
        return metadata;
    }

    private static IEnumerable<(string Key, object? Value)> Run(RunFacts run, string name, int step) =>
    [
        // Any number that tells runs apart serves; this one is the same when a run is taken up again.
        ("ss_session_id", (run.StartedAt.ToUnixTimeMilliseconds() ^ run.Seed) & uint.MaxValue),
        ("ss_training_started_at", Seconds(run.StartedAt)),
        ("ss_training_finished_at", Seconds(run.Options.Clock.GetUtcNow())),
        ("ss_output_name", name),
        ("ss_seed", run.Seed),
        ("ss_steps", step),
        ("ss_max_train_steps", run.Length.Steps),
        ("ss_epoch", run.Length.EpochOf(step - 1) + 1),
        ("ss_num_epochs", run.Length.Epochs),
        ("ss_training_comment", run.Options.TrainingComment),
        ("ss_prior_loss_weight", run.Options.PriorLossWeight),
    ];

    private static IEnumerable<(string Key, object? Value)> Network(TrainingOptions options)
    {
        var network = options.Network;
        yield return (LoraMetadata.NetworkModuleKey, NetworkArguments.Module(network.Kind));
        yield return (LoraMetadata.NetworkDimKey, network.Rank);
        yield return (LoraMetadata.NetworkAlphaKey, network.Alpha);
        yield return ("ss_network_dropout", network.Dropout > 0 ? network.Dropout : null);
        if (NetworkArguments.Of(options) is { } arguments)
            yield return ("ss_network_args", arguments);
    }

    private static IEnumerable<(string Key, object? Value)> Model(RunFacts run)
    {
        yield return ("ss_v2", false);
        yield return (LoraMetadata.BaseModelVersionKey, run.Options.VPrediction ? "sd_v1_v" : "sd_v1");
        yield return ("ss_sd_model_name", run.Model.Name);
        if (run.Model.LegacyHash is { } legacy)
        {
            yield return ("ss_sd_model_hash", legacy);
            yield return ("ss_new_sd_model_hash", run.Model.Sha256);
        }

        if (run.Vae is { } vae)
            yield return ("ss_vae_name", vae.Name);
        if (run.Vae?.LegacyHash is { } legacyVae)
        {
            yield return ("ss_vae_hash", legacyVae);
            yield return ("ss_new_vae_hash", run.Vae.Sha256);
        }

        yield return ("ss_clip_skip", run.Options.ClipSkip);
        yield return ("ss_max_token_length", run.Options.MaxTokenLength == TokenChunks.TokensPerRow ? null : run.Options.MaxTokenLength);
    }

    private static IEnumerable<(string Key, object? Value)> Optimizer(TrainingOptions options) =>
    [
        ("ss_learning_rate", options.EffectiveOptimizer.FollowsSchedule ? options.LearningRate : null),
        ("ss_unet_lr", options.EffectiveOptimizer.FollowsSchedule ? options.UNetLearningRate : null),
        ("ss_text_encoder_lr", options.EffectiveOptimizer.FollowsSchedule ? options.TextEncoderLearningRate : null),
        ("ss_optimizer", options.EffectiveOptimizer.ToString()),
        ("ss_lr_scheduler", options.EffectiveOptimizer.FollowsSchedule ? LrSchedules.Find(options.LrSchedule.Name).Name : $"adafactor:{PythonText.Of(options.LearningRate)}"),
        ("ss_lr_warmup_steps", options.LrSchedule.Warmup is > 0 and < 1 and var share ? share : (int)options.LrSchedule.Warmup),
        ("ss_max_grad_norm", options.MaxGradNorm),
        ("ss_scale_weight_norms", options.MaxWeightNorm),
        ("ss_mixed_precision", options.Precision.MetadataName()),
        ("ss_full_fp16", options.Precision == TrainingPrecision.FullFp16),
        ("ss_gradient_checkpointing", options.GradientCheckpointing),
        ("ss_gradient_accumulation_steps", options.GradientAccumulationSteps),
        ("ss_max_validation_steps", options.MaxValidationSteps),
        ("ss_validate_every_n_epochs", options.ValidateEveryEpochs),
        ("ss_validate_every_n_steps", options.ValidateEverySteps),
    ];

    private static IEnumerable<(string Key, object? Value)> Objective(TrainingOptions options)
    {
        var (noise, loss) = (options.Noise, options.Loss);
        return
        [
            ("ss_noise_offset", OrNone(noise.Offset)),
            ("ss_noise_offset_random_strength", noise.OffsetRandomStrength),
            ("ss_adaptive_noise_scale", noise.AdaptiveScale),
            ("ss_multires_noise_iterations", noise.PyramidLevels > 0 ? noise.PyramidLevels : null),
            ("ss_multires_noise_discount", noise.PyramidDiscount),
            ("ss_ip_noise_gamma", OrNone(noise.InputPerturbation)),
            ("ss_ip_noise_gamma_random_strength", noise.InputPerturbationRandomStrength),
            ("ss_zero_terminal_snr", noise.ZeroTerminalSnr),
            ("ss_min_snr_gamma", loss.MinSnrGamma),
            ("ss_debiased_estimation", loss.DebiasedEstimation),
            ("ss_loss_type", LossNames.Of(loss.Kind)),
            ("ss_huber_schedule", LossNames.Of(loss.HuberSchedule)),
            ("ss_huber_scale", loss.HuberScale),
            ("ss_huber_c", loss.HuberC),
        ];
    }

    private static double? OrNone(double number) => number == 0 ? null : number;

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;
}
