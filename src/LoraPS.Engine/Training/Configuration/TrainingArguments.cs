using LoraPS.Engine.Data;
using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using static LoraPS.Engine.Training.Configuration.TrainingArgument;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>The one table of arguments: names of train_network.py (sd-scripts 48d368fa) and what they are called here.</summary>
/// <remarks>Arguments are applied in the order of the table, whatever theirs is in a file.</remarks>
internal static class TrainingArguments
{
    /// <summary>All arguments.</summary>
    public static IReadOnlyList<TrainingArgument> All { get; } =
    [
        .. Model(), .. Data(), .. Captions(), .. Network(), .. Optimization(), .. Schedule(), .. Precision(), .. Noise(), .. Loss(), .. Output(),
        .. Description(), .. Validation(), .. Samples(), .. UnsupportedArguments(),
    ];

    /// <summary>All arguments by name, older spellings too.</summary>
    public static IReadOnlyDictionary<string, TrainingArgument> ByName { get; } = All
        .Append(All.First(argument => argument.Name == "caption_extension") with { Name = "caption_extention" })
        .ToDictionary(argument => argument.Name);

    /// <summary>Arguments that change how fast something is done, or what is shown or sent elsewhere, and nothing that is learned.</summary>
    public static IReadOnlySet<string> Ignored { get; } = string.Join(' ',
        "tokenizer_cache_dir no_half_vae lowram highvram disable_mmap_load_safetensors cache_info cache_latents vae_batch_size skip_cache_check",
        "max_data_loader_n_workers persistent_data_loader_workers fused_backward_pass mem_eff_attn xformers sdpa torch_compile dynamo_backend",
        "ddp_timeout ddp_gradient_as_bucket_view ddp_static_graph cpu_offload_checkpointing skip_until_initial_step debug_dataset dataset_repeats",
        "log_with log_prefix log_tracker_name log_tracker_config",
        "log_config wandb_run_name wandb_api_key console_log_level console_log_file console_log_simple huggingface_repo_id huggingface_repo_type",
        "huggingface_path_in_repo huggingface_token huggingface_repo_visibility save_state_to_huggingface resume_from_huggingface async_upload",
        "config_file output_config",
        // Masks count wherever they are given, there as here.
        "masked_loss").Split(' ').ToHashSet();

    private static IEnumerable<TrainingArgument> Model() =>
    [
        OfPath("pretrained_model_name_or_path", (c, v) => c with { ModelPath = v }, c => c.ModelPath),
        OfPath("vae", (c, v) => c with { Training = c.Training with { VaePath = v } }, c => c.Training.VaePath),
        OfTraining("v_parameterization", ConfigTypes.Flag, (o, v) => o with { VPrediction = v }, o => o.VPrediction),
        OfTraining("clip_skip", ConfigTypes.Whole, (o, v) => o with { ClipSkip = v }, o => o.ClipSkip),
        OfTraining("max_token_length", ConfigTypes.Whole, (o, v) => o with { MaxTokenLength = v }, o => o.MaxTokenLength),
        OfTraining("weighted_captions", ConfigTypes.Flag, (o, v) => o with { WeightedCaptions = v }, o => o.WeightedCaptions),
    ];

    private static IEnumerable<TrainingArgument> Data() =>
    [
        OfPath("dataset_config", (c, v) => c with { DatasetConfigPath = v }, c => c.DatasetConfigPath),
        OfPath("train_data_dir", (c, v) => c with { TrainDataPath = v }, c => c.TrainDataPath),
        OfPath("reg_data_dir", (c, v) => c with { RegularizationDataPath = v }, c => c.RegularizationDataPath),
        Of("resolution", ArgumentTypes.Size, (c, v) => c with { Dataset = c.Dataset with { Resolution = v } }, c => Text(c.Dataset.Resolution)),
        OfData("train_batch_size", "batch_size"),
        OfData("enable_bucket", "enable_bucket"),
        OfData("min_bucket_reso", "min_bucket_reso"),
        OfData("max_bucket_reso", "max_bucket_reso"),
        OfData("bucket_reso_steps", "bucket_reso_steps"),
        OfData("bucket_no_upscale", "bucket_no_upscale"),
        OfData("resize_interpolation", "resize_interpolation"),
        OfData("flip_aug", "flip_aug"),
        OfData("random_crop", "random_crop"),
        OfData("alpha_mask", "alpha_mask"),
        OfPath("conditioning_data_dir", (c, v) => c with { Subset = c.Subset with { MaskDirectory = v } }, c => c.Subset.MaskDirectory),
        OfTraining("prior_loss_weight", ConfigTypes.Number, (o, v) => o with { PriorLossWeight = v }, o => o.PriorLossWeight),
        Of("cache_latents_to_disk", ConfigTypes.Flag, (c, v) => c with { CachesOnDisk = v }, c => c.CachesOnDisk),
    ];

    private static IEnumerable<TrainingArgument> Captions() =>
    [
        OfData("caption_extension", "caption_extension"),
        OfData("caption_separator", "caption_separator"),
        OfData("shuffle_caption", "shuffle_caption"),
        OfData("keep_tokens", "keep_tokens"),
        OfData("keep_tokens_separator", "keep_tokens_separator"),
        OfData("secondary_separator", "secondary_separator"),
        OfData("enable_wildcard", "enable_wildcard"),
        OfData("caption_prefix", "caption_prefix"),
        OfData("caption_suffix", "caption_suffix"),
        OfData("caption_dropout_rate", "caption_dropout_rate"),
        OfData("caption_dropout_every_n_epochs", "caption_dropout_every_n_epochs"),
        OfData("caption_tag_dropout_rate", "caption_tag_dropout_rate"),
        OfData("token_warmup_min", "token_warmup_min"),
        OfData("token_warmup_step", "token_warmup_step"),
    ];

    private static IEnumerable<TrainingArgument> Network() =>
    [
        OfTraining("network_module", NetworkArgumentReader.Modules, (o, v) => o with { Network = v is NetworkKind.DyLora or NetworkKind.LoraFa ? o.Network with { Kind = v } : o.Network }, o => NetworkArguments.Module(o.Network.Kind)),
        OfNetwork("network_dim", ConfigTypes.Whole, (n, v) => n with { Rank = v }, n => n.Rank),
        OfNetwork("network_alpha", ConfigTypes.Number, (n, v) => n with { Alpha = v }, n => n.Alpha),
        OfNetwork("network_dropout", ConfigTypes.Number, (n, v) => n with { Dropout = v }, n => n.Dropout),
        OfTraining("network_args", ArgumentTypes.Texts, NetworkArgumentReader.Apply, NetworkArgumentReader.Texts),
        OfPath("network_weights", (c, v) => c with { Training = c.Training with { Network = c.Training.Network with { WeightsPath = v } } }, c => c.Training.Network.WeightsPath),
        OfNetwork("dim_from_weights", ConfigTypes.Flag, (n, v) => n with { RanksFromWeights = v }, n => n.RanksFromWeights),
        OfNetwork("network_train_unet_only", ConfigTypes.Flag, (n, v) => n with { TrainTextEncoder = !v }, n => !n.TrainTextEncoder),
        OfNetwork("network_train_text_encoder_only", ConfigTypes.Flag, (n, v) => n with { TrainUNet = !v }, n => !n.TrainUNet),
        OfTraining("scale_weight_norms", ConfigTypes.Number, (o, v) => o with { MaxWeightNorm = v }, o => o.MaxWeightNorm),
        Of("base_weights", ArgumentTypes.Texts, (c, v) => c with { Training = c.Training with { BaseWeights = [.. v.Select(path => new BaseWeights(path))] } }, c => c.Training.BaseWeights.Select(weights => weights.Path).ToList()),
        OfTraining("base_weights_multiplier", ArgumentTypes.Numbers, (o, v) => o with { BaseWeights = [.. o.BaseWeights.Select((weights, i) => weights with { Multiplier = i < v.Count ? v[i] : 1 })] }, o => o.BaseWeights.Select(weights => weights.Multiplier).ToList()),
        OfTraining("training_comment", ConfigTypes.Text, (o, v) => o with { TrainingComment = v }, o => o.TrainingComment),
    ];

    private static IEnumerable<TrainingArgument> Optimization() =>
    [
        OfTraining("learning_rate", ConfigTypes.Number, (o, v) => o with { LearningRate = v }, o => o.LearningRate),
        OfTraining("unet_lr", ConfigTypes.Number, (o, v) => o with { UNetLearningRate = v }, o => o.UNetLearningRate),
        OfTraining("text_encoder_lr", ArgumentTypes.FirstNumber, (o, v) => o with { TextEncoderLearningRate = v }, o => o.TextEncoderLearningRate),
        OfTraining("use_8bit_adam", ConfigTypes.Flag, (o, v) => v ? o with { Optimizer = "AdamW8bit" } : o, _ => null),
        OfTraining("use_lion_optimizer", ConfigTypes.Flag, (o, v) => v ? o with { Optimizer = "Lion" } : o, _ => null),
        OfTraining("optimizer_type", ConfigTypes.Text, (o, v) => v.Length == 0 ? o : o with { Optimizer = Optimizers.OptimizerKinds.Find(v).Name }, o => o.Optimizer),
        OfTraining("optimizer_args", ArgumentTypes.Texts, (o, v) => o with { OptimizerArgs = v }, o => o.OptimizerArgs),
        OfTraining("max_grad_norm", ConfigTypes.Number, (o, v) => o with { MaxGradNorm = v }, o => o.MaxGradNorm),
        OfTraining("max_train_steps", ConfigTypes.Whole, (o, v) => o with { MaxTrainSteps = v }, o => o.MaxTrainSteps),
        OfTraining("max_train_epochs", ConfigTypes.Whole, (o, v) => o with { MaxTrainEpochs = v }, o => o.MaxTrainEpochs),
        OfTraining("gradient_accumulation_steps", ConfigTypes.Whole, (o, v) => o with { GradientAccumulationSteps = v }, o => o.GradientAccumulationSteps),
        OfTraining("seed", ArgumentTypes.Long, (o, v) => o with { Seed = v }, o => o.Seed),
    ];

    private static IEnumerable<TrainingArgument> Schedule() =>
    [
        OfSchedule("lr_scheduler", ConfigTypes.Text, (s, v) => s with { Name = LearningRates.LrSchedules.Find(v).Name }, s => s.Name),
        OfSchedule("lr_warmup_steps", ArgumentTypes.Steps, (s, v) => s with { Warmup = v }, s => s.Warmup),
        OfSchedule("lr_decay_steps", ArgumentTypes.Steps, (s, v) => s with { Decay = v }, s => s.Decay),
        OfSchedule("lr_scheduler_num_cycles", ConfigTypes.Whole, (s, v) => s with { Cycles = v }, s => s.Cycles),
        OfSchedule("lr_scheduler_power", ConfigTypes.Number, (s, v) => s with { Power = v }, s => s.Power),
        OfSchedule("lr_scheduler_timescale", ConfigTypes.Whole, (s, v) => s with { Timescale = v }, s => s.Timescale),
        OfSchedule("lr_scheduler_min_lr_ratio", ConfigTypes.Number, (s, v) => s with { MinRatio = v }, s => s.MinRatio),
        OfSchedule("lr_scheduler_args", ArgumentTypes.Texts, StepRules, s => s.StepRules is { } rules ? new List<string> { $"step_rules={rules}" } : null),
    ];

    private static IEnumerable<TrainingArgument> Precision() =>
    [
        OfTraining("mixed_precision", ArgumentTypes.OneOf(("no", TrainingPrecision.Fp32), ("fp16", TrainingPrecision.MixedFp16), ("bf16", TrainingPrecision.MixedBf16)), (o, v) => o with { Precision = v }, o => o.Precision.MetadataName()),
        OfTraining("full_fp16", ConfigTypes.Flag, (o, v) => v ? o with { Precision = TrainingPrecision.FullFp16 } : o, o => o.Precision == TrainingPrecision.FullFp16),
        OfTraining("full_bf16", ConfigTypes.Flag, (o, v) => v ? o with { Precision = TrainingPrecision.FullBf16 } : o, o => o.Precision == TrainingPrecision.FullBf16),
        OfTraining("gradient_checkpointing", ConfigTypes.Flag, (o, v) => o with { GradientCheckpointing = v }, o => o.GradientCheckpointing),
    ];

    private static IEnumerable<TrainingArgument> Noise() =>
    [
        OfNoise("noise_offset", ConfigTypes.Number, (n, v) => n with { Offset = v }, n => n.Offset),
        OfNoise("noise_offset_random_strength", ConfigTypes.Flag, (n, v) => n with { OffsetRandomStrength = v }, n => n.OffsetRandomStrength),
        OfNoise("adaptive_noise_scale", ConfigTypes.Number, (n, v) => n with { AdaptiveScale = v }, n => n.AdaptiveScale),
        OfNoise("multires_noise_iterations", ConfigTypes.Whole, (n, v) => n with { PyramidLevels = v }, n => n.PyramidLevels),
        OfNoise("multires_noise_discount", ConfigTypes.Number, (n, v) => n with { PyramidDiscount = v }, n => n.PyramidDiscount),
        OfNoise("ip_noise_gamma", ConfigTypes.Number, (n, v) => n with { InputPerturbation = v }, n => n.InputPerturbation),
        OfNoise("ip_noise_gamma_random_strength", ConfigTypes.Flag, (n, v) => n with { InputPerturbationRandomStrength = v }, n => n.InputPerturbationRandomStrength),
        OfNoise("min_timestep", ConfigTypes.Whole, (n, v) => n with { MinTimestep = v }, n => n.MinTimestep),
        OfNoise("max_timestep", ConfigTypes.Whole, (n, v) => n with { MaxTimestep = v }, n => n.MaxTimestep),
        OfNoise("zero_terminal_snr", ConfigTypes.Flag, (n, v) => n with { ZeroTerminalSnr = v }, n => n.ZeroTerminalSnr),
    ];

    private static IEnumerable<TrainingArgument> Loss() =>
    [
        OfLoss("loss_type", ArgumentTypes.OneOf([.. Enum.GetValues<LossKind>().Select(kind => (LossNames.Of(kind), kind))]), (l, v) => l with { Kind = v }, l => LossNames.Of(l.Kind)),
        OfLoss("huber_schedule", ArgumentTypes.OneOf([.. Enum.GetValues<HuberSchedule>().Select(schedule => (LossNames.Of(schedule), schedule))]), (l, v) => l with { HuberSchedule = v }, l => LossNames.Of(l.HuberSchedule)),
        OfLoss("huber_c", ConfigTypes.Number, (l, v) => l with { HuberC = v }, l => l.HuberC),
        OfLoss("huber_scale", ConfigTypes.Number, (l, v) => l with { HuberScale = v }, l => l.HuberScale),
        OfLoss("min_snr_gamma", ConfigTypes.Number, (l, v) => l with { MinSnrGamma = v }, l => l.MinSnrGamma),
        OfLoss("scale_v_pred_loss_like_noise_pred", ConfigTypes.Flag, (l, v) => l with { ScaleVelocityLikeNoise = v }, l => l.ScaleVelocityLikeNoise),
        OfLoss("v_pred_like_loss", ConfigTypes.Number, (l, v) => l with { VelocityLikeLoss = v }, l => l.VelocityLikeLoss),
        OfLoss("debiased_estimation_loss", ConfigTypes.Flag, (l, v) => l with { DebiasedEstimation = v }, l => l.DebiasedEstimation),
    ];

    private static IEnumerable<TrainingArgument> Output() =>
    [
        OfPath("output_dir", (c, v) => c with { OutputDirectory = v }, c => c.OutputDirectory),
        Of("output_name", ArgumentTypes.FileName, (c, v) => c with { OutputName = v }, c => c.OutputName),
        OfTraining("save_precision", ArgumentTypes.OneOf(("float", SafetensorsDType.F32), ("fp16", SafetensorsDType.F16), ("bf16", SafetensorsDType.BF16)), (o, v) => o with { SaveDType = v }, o => o.SaveDType switch { SafetensorsDType.F16 => "fp16", SafetensorsDType.BF16 => "bf16", _ => "float" }),
        OfTraining("save_every_n_epochs", ConfigTypes.Whole, (o, v) => o with { SaveEveryEpochs = v }, o => o.SaveEveryEpochs),
        OfTraining("save_every_n_steps", ConfigTypes.Whole, (o, v) => o with { SaveEverySteps = v }, o => o.SaveEverySteps),
        OfTraining("save_n_epoch_ratio", ConfigTypes.Whole, (o, v) => o with { SaveEpochRatio = v }, o => o.SaveEpochRatio),
        OfTraining("save_last_n_epochs", ConfigTypes.Whole, (o, v) => o with { SaveLastEpochs = v }, o => o.SaveLastEpochs),
        OfTraining("save_last_n_epochs_state", ConfigTypes.Whole, (o, v) => o with { SaveLastEpochStates = v }, o => o.SaveLastEpochStates),
        OfTraining("save_last_n_steps", ConfigTypes.Whole, (o, v) => o with { SaveLastSteps = v }, o => o.SaveLastSteps),
        OfTraining("save_last_n_steps_state", ConfigTypes.Whole, (o, v) => o with { SaveLastStepStates = v }, o => o.SaveLastStepStates),
        OfTraining("save_state", ConfigTypes.Flag, (o, v) => o with { SaveState = v }, o => o.SaveState),
        OfTraining("save_state_on_train_end", ConfigTypes.Flag, (o, v) => o with { SaveStateOnTrainEnd = v }, o => o.SaveStateOnTrainEnd),
        OfPath("resume", (c, v) => c with { Training = c.Training with { ResumePath = v } }, c => c.Training.ResumePath),
        OfPath("logging_dir", (c, v) => c with { Training = c.Training with { TensorBoardPath = v } }, c => c.Training.TensorBoardPath),
    ];

    private static IEnumerable<TrainingArgument> Description() =>
    [
        OfTraining("no_metadata", ConfigTypes.Flag, (o, v) => o with { NoMetadata = v }, o => o.NoMetadata),
        .. ModelSpecFields.Names.Select(name => name == ModelSpecFields.Thumbnail
            ? OfPath($"metadata_{name}", (c, v) => c with { Training = Described(c.Training, name, v) }, c => c.Training.ModelDescription.GetValueOrDefault(name))
            : OfTraining($"metadata_{name}", ConfigTypes.Text, (o, v) => Described(o, name, v), o => o.ModelDescription.GetValueOrDefault(name))),
    ];

    private static TrainingOptions Described(TrainingOptions options, string name, string value) =>
        options with { ModelDescription = new OrderedDictionary<string, string>(options.ModelDescription) { [name] = value } };

    private static IEnumerable<TrainingArgument> Validation() =>
    [
        OfData("validation_split", "validation_split"),
        OfData("validation_seed", "validation_seed"),
        OfTraining("validate_every_n_steps", ConfigTypes.Whole, (o, v) => o with { ValidateEverySteps = v }, o => o.ValidateEverySteps),
        OfTraining("validate_every_n_epochs", ConfigTypes.Whole, (o, v) => o with { ValidateEveryEpochs = v }, o => o.ValidateEveryEpochs),
        OfTraining("max_validation_steps", ConfigTypes.Whole, (o, v) => o with { MaxValidationSteps = v }, o => o.MaxValidationSteps),
    ];

    private static IEnumerable<TrainingArgument> Samples() =>
    [
        OfPath("sample_prompts", (c, v) => WithSamples(c with { SamplePromptsPath = v }, s => s with { Prompts = SamplePromptFile.Read(v) }), c => c.SamplePromptsPath),
        OfSamples("sample_every_n_steps", ConfigTypes.Whole, (s, v) => s with { EverySteps = Positive(v) }, s => s.EverySteps),
        OfSamples("sample_every_n_epochs", ConfigTypes.Whole, (s, v) => s with { EveryEpochs = Positive(v) }, s => s.EveryEpochs),
        OfSamples("sample_at_first", ConfigTypes.Flag, (s, v) => s with { AtFirst = v }, s => s.AtFirst),
        OfSamples("sample_sampler", ConfigTypes.Text, (s, v) => s with { Sampler = SamplePrompt.FindSampler(v) is not null ? v : "" }, s => s.Sampler),
    ];

    /// <summary>There, 0 and less switch samples off.</summary>
    private static int? Positive(int number) => number > 0 ? number : null;

    private static TrainingConfig WithSamples(TrainingConfig config, Func<SampleOptions, SampleOptions> set) =>
        config with { Training = config.Training with { Samples = set(config.Training.Samples) } };

    private static TrainingArgument OfSamples<T>(string name, ConfigType<T> type, Func<SampleOptions, T, SampleOptions> set, Func<SampleOptions, object?> value) =>
        Of(name, type, (config, typed) => WithSamples(config, samples => set(samples, typed)), config => value(config.Training.Samples));

    private static IEnumerable<TrainingArgument> UnsupportedArguments()
    {
        foreach (var flag in (string[])["v2", "color_aug", "fp8_base", "fp8_base_unet", "deepspeed"])
            yield return Unsupported(flag, value => value is false);
        foreach (var text in (string[])["in_json", "dataset_class", "face_crop_aug_range", "lr_scheduler_type"])
            yield return Unsupported(text, value => value is "");
        yield return Unsupported("save_model_as", value => value is "safetensors", "LoRAs are written as safetensors alone.");
        yield return Unsupported("initial_epoch", _ => false);
        yield return Unsupported("initial_step", _ => false);
    }

    private static TrainingArgument OfNetwork<T>(string name, ConfigType<T> type, Func<LoraOptions, T, LoraOptions> set, Func<LoraOptions, object?> value) =>
        OfTraining(name, type, (options, typed) => options with { Network = set(options.Network, typed) }, options => value(options.Network));

    private static TrainingArgument OfNoise<T>(string name, ConfigType<T> type, Func<NoiseOptions, T, NoiseOptions> set, Func<NoiseOptions, object?> value) =>
        OfTraining(name, type, (options, typed) => options with { Noise = set(options.Noise, typed) }, options => value(options.Noise));

    private static TrainingArgument OfLoss<T>(string name, ConfigType<T> type, Func<LossOptions, T, LossOptions> set, Func<LossOptions, object?> value) =>
        OfTraining(name, type, (options, typed) => options with { Loss = set(options.Loss, typed) }, options => value(options.Loss));

    private static TrainingArgument OfSchedule<T>(
        string name, ConfigType<T> type, Func<LearningRates.LrScheduleOptions, T, LearningRates.LrScheduleOptions> set, Func<LearningRates.LrScheduleOptions, object?> value) =>
        OfTraining(name, type, (options, typed) => options with { LrSchedule = set(options.LrSchedule, typed) }, options => value(options.LrSchedule));

    private static LearningRates.LrScheduleOptions StepRules(LearningRates.LrScheduleOptions schedule, IReadOnlyList<string> arguments)
    {
        foreach (var argument in arguments)
        {
            schedule = argument.Split('=', 2) is ["step_rules", var rules]
                ? schedule with { StepRules = rules.Trim('"', '\'') }
                : throw new ArgumentException($"lr_scheduler_args has '{argument}'; of these only step_rules is known, as in \"step_rules=1:100,0.1\".");
        }

        return schedule;
    }

    private static object? Text(ImageSize? size) => size is not { } s ? null : s.Width == s.Height ? s.Width : $"{s.Width},{s.Height}";
}
