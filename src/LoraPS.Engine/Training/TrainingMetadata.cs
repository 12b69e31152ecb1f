using LoraPS.Engine.Formats;
using LoraPS.Engine.Models.Clip;

namespace LoraPS.Engine.Training;

/// <summary>What a LoRA file says of the training it comes from: the <c>ss_</c> metadata.</summary>
/// <remarks>Keys and forms of sd-scripts train_network.py@48d368fa; values as Python prints them.</remarks>
internal static class TrainingMetadata
{
    /// <summary>The metadata of a file written after some steps.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">Name of the finished LoRA, without folder and extension.</param>
    /// <param name="step">Steps done.</param>
    public static IReadOnlyDictionary<string, string> Of(RunFacts run, string name, int step)
    {
        var metadata = new OrderedDictionary<string, string>();
        foreach (var (key, value) in Run(run, name, step).Concat(Network(run.Options)).Concat(Model(run)).Concat(Optimizer(run.Options)))
            metadata[key] = PythonText.Of(value);
        foreach (var (key, value) in DatasetMetadata.Of(run.Dataset).Concat(UnusedFeatures.Metadata))
            metadata[key] = value;
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
        yield return (LoraMetadata.BaseModelVersionKey, "sd_v1");
        yield return ("ss_sd_model_name", run.Model.Name);
        if (run.Model.LegacyHash is { } legacy)
        {
            yield return ("ss_sd_model_hash", legacy);
            yield return ("ss_new_sd_model_hash", run.Model.Sha256);
        }

        yield return ("ss_clip_skip", run.Options.ClipSkip);
        yield return ("ss_max_token_length", run.Options.MaxTokenLength == TokenChunks.TokensPerRow ? null : run.Options.MaxTokenLength);
    }

    private static IEnumerable<(string Key, object? Value)> Optimizer(TrainingOptions options) =>
    [
        ("ss_learning_rate", options.LearningRate),
        ("ss_unet_lr", options.UNetLearningRate),
        ("ss_text_encoder_lr", options.TextEncoderLearningRate),
        ("ss_optimizer", options.EffectiveOptimizer.ToString()),
        ("ss_lr_scheduler", "constant"),
        ("ss_lr_warmup_steps", 0),
        ("ss_max_grad_norm", options.MaxGradNorm),
        ("ss_scale_weight_norms", options.MaxWeightNorm),
        ("ss_mixed_precision", options.Precision.MetadataName()),
        ("ss_full_fp16", options.Precision == TrainingPrecision.FullFp16),
        ("ss_gradient_checkpointing", options.GradientCheckpointing),
    ];

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;
}
