using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using LoraPS.Engine.Training;
using TorchSharp;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Whole runs on a small model: pictures in, LoRA file out.</summary>
public sealed class LoraTrainerTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly EventList _events = [];

    [Fact]
    public void A_run_writes_one_LoRA_and_tells_of_every_step()
    {
        var result = Train(_folder.Options());
        Assert.Equal(["cat.safetensors"], _folder.Entries);
        Assert.Equal((_folder["cat.safetensors"], 5, 3, 1L), (result.Path, result.Steps, result.Epochs, result.Seed));
        Assert.Equal(result.ModuleCount, LoraFile.Read(result.Path).ModuleCount);
        var steps = _events.OfType<TrainingStepEvent>().Select(e => e.Step).ToList();
        Assert.Equal([1, 2, 3, 4, 5], steps.Select(step => step.Step));
        Assert.Equal([1, 1, 2, 2, 3], steps.Select(step => step.Epoch));
        Assert.All(steps, step => Assert.True(step.Loss > 0 && step.GradientNorm > 0));
        Assert.Equal(result.AverageLoss, steps[^1].AverageLoss);
        var progress = _events.OfType<ProgressEvent>().ToList();
        Assert.All(progress, e => Assert.Equal("Training", e.Activity));
        Assert.Equal(["Loading the model", "Caching latents", "Epoch 1 of 3", "Epoch 2 of 3", "Epoch 3 of 3"], progress.Select(e => e.Part!.Activity).Distinct());
        Assert.Equal([0.5, 1, 0.5, 1, 1], progress.TakeLast(5).Select(e => e.Part!.Fraction));
        Assert.True(result.EpochLosses.Count == 3 && result.EpochLosses[^1] == result.AverageLoss);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_gives_others()
    {
        var first = Bytes(_folder.Options());
        Assert.Equal(first, Bytes(_folder.Options() with { Overwrite = true }));
        Assert.NotEqual(first, Bytes(_folder.Options() with { Overwrite = true, Seed = 2 }));
    }

    [Fact]
    public void Captions_that_are_cut_are_told_with_what_is_lost()
    {
        File.WriteAllText(Path.Combine(_folder.Pictures, "0.txt"), string.Join(' ', Enumerable.Repeat("a", 80)));
        Train(_folder.Options() with { MaxTrainSteps = 1 });
        var warning = Assert.Single(_events.OfType<WarningEvent>(), e => e.Id == "CaptionCut");
        Assert.StartsWith("1 captions have more than 75 tokens; what follows is not used, 5 tokens in all.", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TrainingPrecision.MixedBf16, true)]
    [InlineData(TrainingPrecision.FullFp16, false)]
    public void A_run_in_half_precision_is_reproducible_and_near_the_run_in_full_precision(TrainingPrecision precision, bool checkpointing)
    {
        var full = Train(_folder.Options());
        var options = _folder.Options("half.safetensors") with { Precision = precision, GradientCheckpointing = checkpointing };
        var half = Train(options);
        Assert.Equal(full.AverageLoss, half.AverageLoss, 0.02 * full.AverageLoss);
        Assert.Equal(File.ReadAllBytes(half.Path), Bytes(options with { Overwrite = true }));
    }

    [Fact]
    public void Base_weights_are_what_a_run_starts_from_and_a_network_goes_on_from_a_file()
    {
        var options = _folder.Options("first.safetensors") with { LearningRate = 1e-2 };
        var first = Train(options);
        var based = Train(_folder.Options("based.safetensors") with { BaseWeights = [new(first.Path)], Network = new() { TrainTextEncoder = false }, MaxTrainSteps = 1, LearningRate = 1e-4 });
        var further = Train(_folder.Options("further.safetensors") with { Network = new() { WeightsPath = first.Path, RanksFromWeights = true }, MaxTrainSteps = 1, LearningRate = 1e-4 });
        var plain = Train(_folder.Options("plain.safetensors") with { MaxTrainSteps = 1, LearningRate = 1e-4 });
        // Merged or attached, the first LoRA makes the same prediction, and not that of the model alone.
        Assert.Equal(further.AverageLoss, based.AverageLoss, 1e-4);
        Assert.True(Math.Abs(plain.AverageLoss - based.AverageLoss) > 1e-4);
    }

    [Fact]
    public void Settings_that_a_kind_of_network_has_no_place_for_are_refused()
    {
        var options = _folder.Options();
        Assert.Throws<ArgumentException>(() => Train(options with { Network = new() { Kind = NetworkKind.Dora }, MaxWeightNorm = 1 }));
        Assert.Throws<ArgumentException>(() => Train(options with { Network = new() { Kind = NetworkKind.Lokr }, LoraPlus = new() { Ratio = 4 } }));
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void The_loss_falls_on_pictures_that_are_seen_again_and_again()
    {
        Train(_folder.Options() with { MaxTrainSteps = 60, LearningRate = 1e-2, Network = new() { Rank = 8, Alpha = 8 } });
        var losses = _events.OfType<TrainingStepEvent>().Select(e => e.Step.Loss).ToList();
        Assert.True(losses.TakeLast(20).Average() < 0.9 * losses.Take(20).Average());
    }

    [Fact]
    public void A_run_leaves_no_tensors_behind_and_holds_no_more_from_step_to_step()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var counts = new List<long>();
        var watch = new Watch(e => counts.Add(e is TrainingStepEvent ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : -1));
        LoraTrainer.Train(_folder.Model, _folder.Dataset(), _folder.Options() with { MaxTrainSteps = 40 }, watch);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        // All captions have been read after the first epoch.
        Assert.Single(counts.Where(count => count >= 0).Skip(2).Distinct());
    }

    [Fact]
    public void A_failed_run_leaves_no_tensors_behind_either()
    {
        _folder.ChangeModel("unet/diffusion_pytorch_model.safetensors", tensors => tensors["conv_out.bias"].fill_(float.NaN));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Throws<NonFiniteLossException>(() => Train(_folder.Options()));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_told_with_its_step_and_pictures_and_writes_nothing()
    {
        _folder.ChangeModel("unet/diffusion_pytorch_model.safetensors", tensors => tensors["conv_out.bias"].fill_(float.NaN));
        var error = Assert.Throws<NonFiniteLossException>(() => Train(_folder.Options()));
        Assert.Equal(("LossNotFinite", 1, 2), (error.ErrorId, error.Step, error.Pictures.Count));
        Assert.Contains("loss of step 1", error.Message, StringComparison.Ordinal);
        Assert.Contains(error.Pictures[0], error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void A_loss_that_is_no_number_can_be_passed_over()
    {
        _folder.ChangeModel("unet/diffusion_pytorch_model.safetensors", tensors => tensors["conv_out.bias"].fill_(float.NaN));
        var result = Train(_folder.Options() with { NonFinite = NonFinitePolicy.Skip, SaveEverySteps = 2 });
        Assert.Equal(5, _events.OfType<WarningEvent>().Count(warning => warning.Id == "LossNotFinite"));
        Assert.True(double.IsNaN(result.AverageLoss));
        using var file = SafetensorsFile.Open(result.Path);
        Assert.All(file.Tensors.Where(t => t.Name.EndsWith("lora_up.weight", StringComparison.Ordinal)), t =>
        {
            using var up = file.Read(t.Name);
            Assert.Equal(0, up.abs().max().item<float>());
        });
    }

    [Fact]
    public void A_picture_whose_pixels_cannot_be_read_is_left_out_and_counted()
    {
        var path = Path.Combine(_folder.Pictures, "2.png");
        var dataset = _folder.Dataset();
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        var result = LoraTrainer.Train(_folder.Model, dataset, _folder.Options(), _events);
        Assert.Equal(1, result.SkippedPictures);
        Assert.Equal(path, Assert.Single(_events.OfType<WarningEvent>(), warning => warning.Id == "ImageUnreadable").Target);
        Assert.Equal("3", Metadata(result.Path)["ss_num_train_images"]);
    }

    [Fact]
    public void No_picture_that_can_be_read_is_an_empty_data_set()
    {
        var dataset = _folder.Dataset();
        foreach (var entry in dataset.Entries)
            File.WriteAllBytes(entry.Path, File.ReadAllBytes(entry.Path)[..100]);
        Assert.Throws<EmptyDatasetException>(() => LoraTrainer.Train(_folder.Model, dataset, _folder.Options()));
        Assert.Empty(_folder.Entries);
    }

    [Theory]
    [InlineData("cat.safetensors")]
    [InlineData("cat-000001.safetensors")]
    [InlineData("cat-step00000002.safetensors")]
    [InlineData("cat.state.safetensors")]
    public void A_file_that_exists_is_refused_before_the_model_is_loaded(string taken)
    {
        File.WriteAllText(_folder[taken], "mine");
        var error = Assert.Throws<DestinationExistsException>(() => Train(_folder.Options() with { SaveEveryEpochs = 1, SaveEverySteps = 2 }));
        Assert.Equal(_folder[taken], error.Target);
        Assert.All(_events, e => Assert.IsType<RunFailedEvent>(e));
        Assert.Equal([taken], _folder.Entries);
        Assert.Equal("mine", File.ReadAllText(_folder[taken]));
    }

    [Fact]
    public void The_plan_names_the_files_that_the_run_writes()
    {
        var options = _folder.Options() with { SaveEveryEpochs = 1, SaveEverySteps = 2 };
        var plan = LoraTrainer.Plan(_folder.Model, _folder.Dataset(), options);
        var result = Train(options);
        Assert.Equal(plan.Paths, [.. result.SavedPaths, result.Path]);
        Assert.Equal(plan.Paths.Select(Path.GetFileName).Order(StringComparer.Ordinal), _folder.Entries);
        Assert.Equal((plan.ModuleCount, 4, 4), (result.ModuleCount, plan.Pictures, plan.ItemsPerEpoch));
        Assert.Equal(plan.Paths, _events.OfType<LoraSavedEvent>().Select(e => e.Path));
        Assert.Equal([(2, 1), (2, 1), (4, 2), (4, 2), (5, 3)], _events.OfType<LoraSavedEvent>().Select(e => (e.Step, e.Epoch)));
    }

    [Fact]
    public void The_plan_tells_sizes_and_memory()
    {
        var plan = LoraTrainer.Plan(_folder.Model, _folder.Dataset(), _folder.Options());
        Assert.Equal(new AspectBucket(new ImageSize(64, 64), 4, 4, 2), Assert.Single(plan.Buckets));
        // float32: a number, its gradient, and two of Adam's.
        Assert.Equal(16 * plan.ParameterCount, plan.Memory.Trained);
        var weights = Directory.EnumerateFiles(_folder.Model, "*.safetensors", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length);
        Assert.InRange(plan.Memory.Model, 0.9 * weights, weights);
        Assert.Equal(plan.Memory.Total, plan.Memory.Model + plan.Memory.Trained + plan.Memory.Activations);
        var larger = LoraTrainer.Plan(_folder.Model, _folder.Dataset(batchSize: 4), _folder.Options());
        Assert.Equal(2 * plan.Memory.Activations, larger.Memory.Activations);
        var checkpointed = LoraTrainer.Plan(_folder.Model, _folder.Dataset(), _folder.Options() with { GradientCheckpointing = true });
        Assert.True(2 * checkpointed.Memory.Activations < plan.Memory.Activations);
    }

    /// <summary>Numbers of Stable Diffusion 1.5, and the peak that a step of it was measured to have, with a tenth to spare.</summary>
    [Fact]
    public void The_memory_of_a_full_size_step_is_about_what_was_measured()
    {
        using var model = new StableDiffusionModel(StableDiffusionConfig.V15, "", TorchSharp.torch.META);
        var dataset = LoraDataset.FromFolder(
            _folder.Pictures, new DatasetOptions { Resolution = new ImageSize(512, 512) }, new SubsetOptions { CaptionExtension = ".txt" });
        Assert.InRange(MemoryEstimate.Of(model, dataset, _folder.Options(), parameterCount: 3_188_736).Total, 6.6e9, 8.0e9);
    }

    /// <summary>The keys that user interfaces read, in the forms of sd-scripts 48d368fa.</summary>
    [Fact]
    public void The_file_says_what_user_interfaces_ask_for()
    {
        var metadata = Metadata(Train(_folder.Options() with { Network = new() { Rank = 8, Alpha = 4 }, TrainingComment = "sks" }).Path);
        var expected = new Dictionary<string, string>
        {
            ["ss_network_dim"] = "8",
            ["ss_network_alpha"] = "4.0",
            ["ss_network_module"] = "networks.lora",
            ["ss_base_model_version"] = "sd_v1",
            ["ss_v2"] = "False",
            ["ss_output_name"] = "cat",
            ["ss_seed"] = "1",
            ["ss_steps"] = "5",
            ["ss_epoch"] = "3",
            ["ss_num_epochs"] = "3",
            ["ss_learning_rate"] = "0.001",
            ["ss_unet_lr"] = "None",
            ["ss_clip_skip"] = "None",
            ["ss_training_comment"] = "sks",
            ["ss_training_started_at"] = "1767225600.0",
            ["ss_num_train_images"] = "4",
            ["ss_resolution"] = "(64, 64)",
            ["ss_tag_frequency"] = """{"pictures":{"a circle":4,"0":1,"1":1,"2":1,"3":1}}""",
            ["ss_bucket_info"] = """{"buckets":{"0":{"resolution":[64,64],"count":4}},"mean_img_ar_error":0}""",
            ["ss_dataset_dirs"] = """{"pictures":{"n_repeats":1,"img_count":4}}""",
            ["modelspec.architecture"] = "stable-diffusion-v1/lora",
            ["modelspec.title"] = "cat",
            ["modelspec.resolution"] = "64x64",
            ["modelspec.prediction_type"] = "epsilon",
            ["modelspec.sai_model_spec"] = "1.0.1",
            ["modelspec.date"] = "2026-01-01T00:00:00",
        };
        Assert.Equal(expected, expected.Keys.ToDictionary(key => key, key => metadata.GetValueOrDefault(key, "missing")));
    }

    /// <summary>Every key that train_network.py writes for a folder of pictures, but for those of a replacement VAE and of its own version.</summary>
    [Fact]
    public void The_file_has_every_key_of_the_reference()
    {
        var metadata = Metadata(Train(_folder.Options()).Path);
        string[] keys =
        [
            "session_id", "training_started_at", "training_finished_at", "output_name", "seed", "steps", "epoch", "max_train_steps", "num_epochs",
            "num_batches_per_epoch", "training_comment", "num_train_images", "num_validation_images", "num_reg_images", "network_module", "network_dim",
            "network_alpha", "network_dropout", "v2", "base_model_version", "sd_model_name", "clip_skip", "max_token_length", "learning_rate", "unet_lr",
            "text_encoder_lr", "optimizer", "lr_scheduler", "lr_warmup_steps", "max_grad_norm", "scale_weight_norms", "gradient_checkpointing",
            "gradient_accumulation_steps", "mixed_precision", "full_fp16", "fp8_base", "fp8_base_unet", "cache_latents", "lowram", "noise_offset",
            "noise_offset_random_strength", "adaptive_noise_scale", "multires_noise_iterations", "ip_noise_gamma", "ip_noise_gamma_random_strength",
            "zero_terminal_snr", "prior_loss_weight", "min_snr_gamma", "debiased_estimation", "loss_type", "caption_dropout_rate",
            "caption_dropout_every_n_epochs", "caption_tag_dropout_rate", "face_crop_aug_range", "resize_interpolation", "validation_seed", "validation_split",
            "max_validation_steps", "validate_every_n_epochs", "validate_every_n_steps", "batch_size_per_device", "total_batch_size", "resolution", "color_aug",
            "flip_aug", "random_crop", "shuffle_caption", "enable_bucket", "bucket_no_upscale", "min_bucket_reso", "max_bucket_reso", "keep_tokens",
            "dataset_dirs", "reg_dataset_dirs", "tag_frequency", "bucket_info",
        ];
        Assert.Empty(keys.Select(key => $"ss_{key}").Except(metadata.Keys));
        Assert.All((string[])["sshs_model_hash", "sshs_legacy_hash"], key => Assert.Matches("^[0-9a-f]+$", metadata[key]));
    }

    private TrainingResult Train(TrainingOptions options) => LoraTrainer.Train(_folder.Model, _folder.Dataset(), options, _events);

    private byte[] Bytes(TrainingOptions options) => File.ReadAllBytes(Train(options).Path);

    private static IReadOnlyDictionary<string, string> Metadata(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Metadata;
    }

    public void Dispose() => _folder.Dispose();

    private sealed class Watch(Action<EngineEvent> told) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value) => told(value);
    }
}
