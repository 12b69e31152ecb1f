using System.Collections;
using LoraPS.Engine.Data;
using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Training;
using LoraPS.Engine.Training.Configuration;

namespace LoraPS.Engine.Tests.Training.Configuration;

/// <summary>The TOML files of sd-scripts' <c>--config_file</c>.</summary>
public sealed class TrainingConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_usual_file_becomes_the_options_it_means()
    {
        var config = Read("""
            [model_arguments]
            pretrained_model_name_or_path = "models/v1-5.safetensors"
            clip_skip = 2

            [dataset_arguments]
            train_data_dir = "pictures"
            resolution = "768,512"
            train_batch_size = 4
            enable_bucket = true
            caption_extension = ".txt"
            shuffle_caption = true
            keep_tokens = 1

            [training_arguments]
            output_dir = "out"
            output_name = "cat"
            network_module = "networks.lora"
            network_dim = 32
            network_alpha = 16
            network_args = ["conv_dim=8", "conv_alpha=4", "loraplus_lr_ratio=16"]
            network_train_unet_only = true
            learning_rate = 1e-4
            unet_lr = 2e-4
            text_encoder_lr = [5e-5, 1e-5]
            optimizer_type = "adamw8bit"
            optimizer_args = ["weight_decay=0.1"]
            lr_scheduler = "cosine_with_restarts"
            lr_scheduler_num_cycles = 3
            lr_warmup_steps = "10%"
            max_train_epochs = 10
            save_every_n_epochs = 2
            save_precision = "fp16"
            mixed_precision = "bf16"
            gradient_checkpointing = true
            gradient_accumulation_steps = 2
            min_snr_gamma = 5
            noise_offset = 0.05
            seed = 42
            xformers = true
            cache_latents = true
            cache_latents_to_disk = true
            max_data_loader_n_workers = 2
            """);
        var training = config.Training;
        Assert.Equal(_folder.File("models/v1-5.safetensors"), config.ModelPath);
        Assert.Equal(_folder.File("pictures"), config.TrainDataPath);
        Assert.Equal((new ImageSize(768, 512), 4, true), (config.Dataset.Resolution, config.Dataset.BatchSize, config.Dataset.EnableBucket));
        Assert.Equal((".txt", true, 1), (config.Subset.CaptionExtension, config.Subset.Caption.Shuffle, config.Subset.Caption.KeepTokens));
        Assert.Equal(_folder.File("out/cat.safetensors"), training.DestinationPath);
        Assert.Equal((32, 16, 8, 4, true, false), (training.Network.Rank, training.Network.Alpha, training.Network.ConvRank, training.Network.ConvAlpha, training.Network.TrainUNet, training.Network.TrainTextEncoder));
        Assert.Equal((1e-4, 2e-4, 5e-5, 16), (training.LearningRate, training.UNetLearningRate, training.TextEncoderLearningRate, training.LoraPlus.Ratio));
        Assert.Equal(("AdamW8bit", "weight_decay=0.1"), (training.Optimizer, Assert.Single(training.OptimizerArgs)));
        Assert.Equal(("cosine_with_restarts", 3, 0.1), (training.LrSchedule.Name, training.LrSchedule.Cycles, training.LrSchedule.Warmup));
        Assert.Equal((10, 2, SafetensorsDType.F16, TrainingPrecision.MixedBf16, true, 2, 42L), (training.MaxTrainEpochs, training.SaveEveryEpochs, training.SaveDType, training.Precision, training.GradientCheckpointing, training.GradientAccumulationSteps, training.Seed));
        Assert.Equal((5, 0.05, 2), (training.Loss.MinSnrGamma, training.Noise.Offset, training.ClipSkip));
        Assert.Equal(_folder.File("out/latents-cache"), training.CachePath);
        Assert.Equal(["xformers", "cache_latents", "max_data_loader_n_workers"], config.Ignored);
    }

    [Fact]
    public void Everything_wrong_is_told_at_once_with_its_line()
    {
        var error = Assert.Throws<TrainingConfigException>(() => Read("""
            learning_rat = 1e-4
            network_dim = "big"
            [more]
            network_args = ["conv_dmi=4"]
            seed = 1
            lr_scheduler_type = "Other"
            [most]
            seed = 2
            optimizer_type = "AdamX"
            """));
        Assert.Equal("TrainingConfigInvalid", error.ErrorId);
        Assert.Equal([1, 2, 4, 6, 8, 9], error.Problems.Select(problem => problem.Line));
        Assert.Equal("'learning_rat' is not a known option. Did you mean 'learning_rate'?", error.Problems[0].Message);
        Assert.Equal("network_dim must be a whole number, and is \"big\".", error.Problems[1].Message);
        Assert.Contains("Did you mean 'conv_dim'?", error.Problems[2].Message, StringComparison.Ordinal);
        Assert.True(error.Problems[3].IsUnsupported);
        Assert.Contains("twice", error.Problems[4].Message, StringComparison.Ordinal);
        Assert.Contains("AdamW", error.Problems[5].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_are_not_supported_are_an_error_of_their_own()
    {
        var error = Assert.Throws<TrainingConfigException>(() => Read("v2 = true\nmasked_loss = true"));
        Assert.Equal("TrainingOptionUnsupported", error.ErrorId);
        Assert.Empty(Read("v2 = false\nsave_model_as = \"safetensors\"").Ignored);
    }

    [Fact]
    public void Other_forms_of_files_are_refused_with_the_one_there_is()
    {
        var error = Assert.Throws<TrainingConfigException>(() => Read("save_model_as = \"ckpt\""));
        Assert.Contains("written as safetensors alone", error.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_files_say_of_themselves_and_another_VAE_are_read_and_written_back()
    {
        var config = Read("vae = \"other.vae.safetensors\"\nno_metadata = true\nmetadata_title = \"A cat\"\nmetadata_thumbnail = \"cat.png\"");
        Assert.Equal(_folder.File("other.vae.safetensors"), config.Training.VaePath);
        Assert.True(config.Training.NoMetadata);
        Assert.Equal([("title", "A cat"), ("thumbnail", _folder.File("cat.png"))], config.Training.ModelDescription.Select(field => (field.Key, field.Value)));
        Assert.Equal(TrainingConfigWriter.ToToml(config), TrainingConfigWriter.ToToml(Read(TrainingConfigWriter.ToToml(config))));
        Assert.Contains("metadata_title = \"A cat\"\n", TrainingConfigWriter.ToToml(config), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_told()
    {
        Assert.Contains("This is not TOML", Assert.Throws<TrainingConfigException>(() => Read("a = = 1")).Message, StringComparison.Ordinal);
        var missing = Assert.Throws<ConfigFileNotFoundException>(() => TrainingConfigReader.Read(_folder.File("missing")));
        Assert.Equal(_folder.File("missing.toml"), missing.Target);
    }

    [Fact]
    public void A_training_of_objects_is_written_and_read_back_whole()
    {
        using var training = new TrainingFolder();
        var subset = new SubsetOptions
        {
            ImageDirectory = training.Pictures, Repeats = 3, ClassTokens = "sks \"cat\"", CaptionExtension = ".txt", FlipAugmentation = true, AlphaMask = true,
            Interpolation = ResizeInterpolation.Lanczos,
            Caption = new() { Shuffle = true, KeepTokens = 1, DropoutRate = 0.25, TokenWarmupStep = 0.5, Prefix = "a\tb", Separator = ";" },
        };
        var dataset = LoraDataset.Create(training.Pictures,
        [
            new() { Resolution = new(64, 64), BatchSize = 2, Subsets = [subset] },
            new() { Resolution = new(128, 64), EnableBucket = true, MinBucketResolution = 64, ValidationSplit = 0.2, ValidationSeed = 3, Subsets = [subset, subset with { IsRegularization = true }] },
        ]);
        var options = new TrainingOptions
        {
            DestinationPath = _folder.File("out/cat.safetensors"), Seed = 1L << 40, MaxTrainEpochs = 3, Precision = TrainingPrecision.FullBf16, GradientCheckpointing = true,
            Network = new() { Kind = NetworkKind.DyLora, Rank = 8, Alpha = 2.5, Unit = 4, BlockRanks = [.. Enumerable.Repeat(4, 25)], TrainTextEncoder = false },
            BaseWeights = [new("/a.safetensors", 0.5), new("/b.safetensors")], LoraPlus = new() { Ratio = 16 }, UNetLearningRate = 1e-5, Optimizer = "Lion", OptimizerArgs = ["weight_decay=0.1"],
            LrSchedule = new() { Name = "cosine", Warmup = 0.1 }, Loss = new() { MinSnrGamma = 5, Kind = LossKind.Huber }, Noise = new() { Offset = 0.05, MaxTimestep = 900 },
            Samples = new() { Prompts = ["a cat --w 64", "a \"dog\""], EverySteps = 5, AtFirst = true, Sampler = "euler_a" }, SaveEverySteps = 10, SaveDType = SafetensorsDType.BF16, ClipSkip = 2, CachePath = _folder.File("out/latents-cache"), TrainingComment = "it's",
        };
        var config = TrainingConfig.Of(_folder.File("model"), dataset, options);
        Assert.Equal([_folder.File("train.dataset.toml"), _folder.File("train.prompts.txt"), _folder.File("train.toml")], TrainingConfigWriter.Write(_folder.File("train.toml"), config));

        var read = TrainingConfigReader.Read(_folder.File("train.toml"));
        Assert.Equal(Told(options), Told(read.Training));
        Assert.Equal((config.ModelPath, config.OutputName), (read.ModelPath, read.OutputName));
        Assert.Equal(Told(config.Datasets), Told(read.OpenDataset().Groups.Select(group => group.Options)));
        Assert.Equal(dataset.Fingerprint, read.OpenDataset().Fingerprint);
    }

    [Fact]
    public void What_the_reference_does_not_know_is_named()
    {
        Assert.Empty(TrainingConfigWriter.Unsaid(new() { DestinationPath = "a", Loss = new() { MinSnrGamma = 5 } }));
        Assert.Equal(["Device", "SnrBeforeRescaling"], TrainingConfigWriter.Unsaid(new() { DestinationPath = "a", Device = "cpu", Loss = new() { SnrBeforeRescaling = true } }));
    }

    /// <summary>There, all relative folders begin where the program was started.</summary>
    [Fact]
    public void Folders_of_a_data_set_are_looked_for_beside_its_file_and_then_where_those_of_the_training_begin()
    {
        using var training = new TrainingFolder();
        Directory.CreateDirectory(_folder.File("settings"));
        File.WriteAllText(_folder.File("settings/dataset.toml"), "[[datasets]]\nresolution = 64\n[[datasets.subsets]]\nimage_dir = \"pictures\"\n");
        File.WriteAllText(_folder.File("settings/train.toml"), "dataset_config = \"settings/dataset.toml\"");
        var config = TrainingConfigReader.Read(_folder.File("settings/train.toml"), _folder.Path);
        Assert.Throws<ImageFolderNotFoundException>(() => config.OpenDataset());
        Directory.Move(training.Pictures, _folder.File("pictures"));
        Assert.Equal(4, config.OpenDataset().ImageCount);
    }

    /// <summary>Order in the file does not matter, as it does not on a command line.</summary>
    [Theory]
    [InlineData("mixed_precision = \"fp16\"\nfull_fp16 = true")]
    [InlineData("full_fp16 = true\nmixed_precision = \"fp16\"")]
    public void Half_precision_is_put_together_from_two_options(string toml) => Assert.Equal(TrainingPrecision.FullFp16, Read(toml).Training.Precision);

    [Fact]
    public void Base_weights_get_their_multipliers()
    {
        var weights = Read("base_weights_multiplier = [0.5]\nbase_weights = [\"a.safetensors\", \"b.safetensors\"]").Training.BaseWeights;
        Assert.Equal([new BaseWeights(_folder.File("a.safetensors"), 0.5), new BaseWeights(_folder.File("b.safetensors"))], weights);
    }

    [Fact]
    public void What_is_written_is_read_back_and_only_what_is_not_the_default_is_written()
    {
        Assert.Equal("network_module = \"networks.lora\"\nlearning_rate = 0.0001\n", TrainingConfigWriter.ToToml(new TrainingConfig()));
        var config = Read("""
            pretrained_model_name_or_path = "model \"one\""
            train_data_dir = "pictures"
            resolution = 640
            caption_separator = ";"
            output_name = "cat"
            network_module = "lycoris.kohya"
            network_args = ["algo=lokr", "factor=8", "rank_dropout=0.25", "mid_lr_weight=0.5"]
            optimizer_type = "Prodigy"
            optimizer_args = ["d_coef=2.0", "decouple=True"]
            lr_scheduler = "piecewise_constant"
            lr_scheduler_args = ["step_rules=1:10,0.1"]
            full_bf16 = true
            loss_type = "smooth_l1"
            huber_schedule = "exponential"
            max_timestep = 900
            unet_lr = 1e-5
            save_last_n_steps_state = 100
            validation_split = 0.1
            max_train_steps = 100
            base_weights = ["a.safetensors"]
            base_weights_multiplier = [0.25]
            """);
        Assert.Equal((NetworkKind.Lokr, 8, 0.25, "0.5"), (config.Training.Network.Kind, config.Training.Network.Factor, config.Training.Network.RankDropout, config.Training.Network.BlockLearningRates!.Middle));
        var path = _folder.File("written.toml");
        TrainingConfigWriter.Write(path, config);
        var text = File.ReadAllText(path);
        Assert.Equal(text, TrainingConfigWriter.ToToml(TrainingConfigReader.Read(path)));
        Assert.Contains("unet_lr = 1e-05\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("gradient_accumulation_steps", text, StringComparison.Ordinal);
    }

    /// <summary>Arguments of train_network.py, sd-scripts 48d368fa.</summary>
    [Fact]
    public void Every_argument_of_the_reference_is_known()
    {
        const string arguments = """
            pretrained_model_name_or_path v2 v_parameterization vae tokenizer_cache_dir no_half_vae clip_skip lowram highvram max_token_length weighted_captions
            dataset_config train_data_dir reg_data_dir in_json cache_info caption_extension caption_extention caption_separator shuffle_caption keep_tokens
            keep_tokens_separator secondary_separator enable_wildcard caption_prefix caption_suffix caption_dropout_rate caption_dropout_every_n_epochs
            caption_tag_dropout_rate token_warmup_min token_warmup_step resolution train_batch_size enable_bucket min_bucket_reso max_bucket_reso bucket_reso_steps
            bucket_no_upscale resize_interpolation color_aug flip_aug random_crop face_crop_aug_range alpha_mask masked_loss conditioning_data_dir prior_loss_weight
            dataset_repeats dataset_class debug_dataset cache_latents cache_latents_to_disk vae_batch_size skip_cache_check max_data_loader_n_workers
            persistent_data_loader_workers network_module network_dim network_alpha network_dropout network_args network_weights dim_from_weights
            network_train_unet_only network_train_text_encoder_only unet_lr text_encoder_lr scale_weight_norms base_weights base_weights_multiplier training_comment
            no_metadata save_model_as learning_rate optimizer_type use_8bit_adam use_lion_optimizer optimizer_args max_grad_norm fused_backward_pass lr_scheduler
            lr_scheduler_type lr_scheduler_args lr_warmup_steps lr_decay_steps lr_scheduler_num_cycles lr_scheduler_power lr_scheduler_timescale
            lr_scheduler_min_lr_ratio mixed_precision full_fp16 full_bf16 fp8_base fp8_base_unet gradient_checkpointing cpu_offload_checkpointing
            gradient_accumulation_steps mem_eff_attn xformers sdpa torch_compile dynamo_backend ddp_timeout ddp_gradient_as_bucket_view ddp_static_graph deepspeed
            noise_offset noise_offset_random_strength adaptive_noise_scale multires_noise_iterations multires_noise_discount ip_noise_gamma
            ip_noise_gamma_random_strength zero_terminal_snr min_timestep max_timestep loss_type huber_schedule huber_c huber_scale min_snr_gamma
            scale_v_pred_loss_like_noise_pred v_pred_like_loss debiased_estimation_loss output_dir output_name save_precision save_every_n_epochs save_every_n_steps
            save_n_epoch_ratio save_last_n_epochs save_last_n_epochs_state save_last_n_steps save_last_n_steps_state save_state save_state_on_train_end resume
            initial_epoch initial_step skip_until_initial_step max_train_steps max_train_epochs sample_every_n_steps sample_every_n_epochs sample_at_first
            sample_prompts sample_sampler validation_split validation_seed validate_every_n_steps validate_every_n_epochs max_validation_steps logging_dir log_with
            log_prefix log_tracker_name log_tracker_config wandb_run_name wandb_api_key log_config console_log_level console_log_file console_log_simple
            huggingface_repo_id huggingface_repo_type huggingface_path_in_repo huggingface_token huggingface_repo_visibility save_state_to_huggingface
            resume_from_huggingface async_upload metadata_title metadata_author metadata_description metadata_license metadata_tags seed
            """;
        var toml = string.Join('\n', arguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(name => $"{name} = 1979-05-27"));
        // No argument takes a date: the known ones are refused for their value, ignored ones are not looked at.
        var error = Assert.Throws<TrainingConfigException>(() => Read(toml));
        Assert.DoesNotContain(error.Problems, problem => problem.Message.Contains("not a known option", StringComparison.Ordinal));
    }

    [Fact]
    public void The_pictures_of_a_file_are_opened_with_its_options()
    {
        using var training = new TrainingFolder();
        Directory.CreateDirectory(_folder.File("train"));
        Directory.Move(training.Pictures, _folder.File("train/3_sks cat"));
        Directory.CreateDirectory(_folder.File("reg/1_cat"));
        File.Copy(_folder.File("train/3_sks cat/0.png"), _folder.File("reg/1_cat/0.png"));
        var dataset = Read("train_data_dir = \"train\"\nreg_data_dir = \"reg\"\nresolution = 64\ntrain_batch_size = 2").OpenDataset();
        Assert.Equal((5, 24, 12), (dataset.ImageCount, dataset.ItemCount, dataset.BatchesPerEpoch));
        Assert.Throws<ArgumentException>(() => Read("resolution = 64").OpenDataset());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>All properties that can be set, those of records in it too.</summary>
    private static string Told(object? value) => value switch
    {
        null => "null",
        string or ValueType or TimeProvider => $"{value}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(Told))}]",
        _ => $"{{ {string.Join(", ", value.GetType().GetProperties().Where(property => property.CanWrite).Select(property => $"{property.Name} = {Told(property.GetValue(value))}"))} }}",
    };

    private TrainingConfig Read(string toml)
    {
        var path = _folder.File("config.toml");
        File.WriteAllText(path, toml);
        return TrainingConfigReader.Read(path);
    }
}
