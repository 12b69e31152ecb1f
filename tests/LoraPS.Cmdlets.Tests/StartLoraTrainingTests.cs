using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace LoraPS.Cmdlets.Tests;

public sealed class StartLoraTrainingTests : IDisposable
{
    private static readonly string Dataset = $"New-LoraDataset '{TestFiles.Images}' -CaptionExtension .txt -Resolution 64";

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void It_writes_one_result_that_describes_the_file_it_made()
    {
        var result = Train("-DestinationPath cat.safetensors -Rank 2 -MaxTrainSteps 2 -Seed 7").Single();

        Assert.Equal("LoraPS.Engine.Training.TrainingResult", result.BaseObject.GetType().FullName);
        object?[] expected = [_folder.File("cat.safetensors"), 2, 1, 7L, 210, 0];
        string[] names = ["Path", "Steps", "Epochs", "Seed", "ModuleCount", "SkippedPictures"];
        Assert.Equal(expected, names.Select(name => SessionResult.Value(result, name)));
        Assert.Equal(["cat.safetensors"], _folder.Entries);
    }

    [Fact]
    public void The_options_of_the_reference_are_parameters_too()
    {
        var lora = Train("""
            -output_name cat -network_dim 3 -network_alpha 1.5 -conv_dim 2 -conv_alpha 1 -network_dropout 0.1 -rank_dropout 0.1 -module_dropout 0.1 -network_train_unet_only `
            -learning_rate 1e-3 -unet_lr 2e-3 -text_encoder_lr 3e-3 -max_train_steps 99 -max_train_epochs 1 -seed 5 -max_grad_norm 0.5 -prior_loss_weight 0.5 `
            -save_every_n_epochs 1 -save_precision fp16 -clip_skip 2 -max_token_length 150 -training_comment hello -Force | Get-Lora
            """, dataset: "-BatchSize 12").Single();

        object?[] expected = ["cat", 3L, 2L, 1.5, 0];
        string[] names = ["Name", "Rank", "ConvRank", "Alpha", "TextEncoderModules"];
        Assert.Equal(expected, names.Select(name => SessionResult.Value(lora, name)));
        var metadata = (IReadOnlyDictionary<string, string>)SessionResult.Value(lora, "Metadata")!;
        (string Key, string Value)[] told =
        [
            ("ss_learning_rate", "0.001"), ("ss_unet_lr", "0.002"), ("ss_text_encoder_lr", "0.003"), ("ss_steps", "1"), ("ss_seed", "5"), ("ss_max_grad_norm", "0.5"),
            ("ss_prior_loss_weight", "0.5"), ("ss_clip_skip", "2"), ("ss_max_token_length", "150"), ("ss_training_comment", "hello"), ("ss_network_dropout", "0.1"),
        ];
        Assert.Equal(told, told.Select(pair => (pair.Key, metadata[pair.Key])));
    }

    [Fact]
    public void What_a_file_says_of_itself_is_given_by_field_and_all_else_may_be_left_out()
    {
        var lora = Train("""
            -output_name cat -network_dim 2 -network_train_unet_only -max_train_steps 1 -no_metadata -save_model_as safetensors `
            -Metadata @{ title = 'A cat'; 'modelspec.is_negative_embedding' = $false } | Get-Lora
            """).Single();
        var metadata = (IReadOnlyDictionary<string, string>)SessionResult.Value(lora, "Metadata")!;
        Assert.Equal(("A cat", "False"), (metadata["modelspec.title"], metadata["modelspec.is_negative_embedding"]));
        Assert.Equal(
            ["ss_base_model_version", "ss_network_alpha", "ss_network_dim", "ss_network_module", "ss_v2"],
            metadata.Keys.Where(key => key.StartsWith("ss_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Saves_validation_logs_and_caches_are_given_by_the_reference_s_names_too()
    {
        var result = Train("""
            -output_name cat -network_dim 2 -network_train_unet_only -max_train_steps 4 -gradient_accumulation_steps 2 -save_every_n_steps 1 -save_last_n_steps 1 `
            -save_last_n_steps_state 1 -save_state -save_state_on_train_end -validate_every_n_steps 2 -max_validation_steps 1 -LogPath log.jsonl -logging_dir board -CachePath cache
            """, dataset: "-BatchSize 3 -validation_split 0.25 -validation_seed 3").Single();

        Assert.Equal(
            ["board", "cache", "cat-step00000003.safetensors", "cat-step00000003.state.safetensors", "cat-step00000004.safetensors", "cat-step00000004.state.safetensors", "cat.safetensors", "cat.state.safetensors", "log.jsonl"],
            _folder.Entries.Order(StringComparer.Ordinal));
        Assert.True(SessionResult.Value(result, "ValidationLoss") is > 0.0);
        var log = File.ReadAllLines(_folder.File("log.jsonl"));
        Assert.Equal((4, 4), (log.Count(line => line.Contains("\"event\":\"step\"", StringComparison.Ordinal)), log.Count(line => line.Contains("\"event\":\"saved\"", StringComparison.Ordinal)) - 1));
    }

    [Fact]
    public void Schedules_losses_and_noise_are_given_by_the_reference_s_names_too()
    {
        var lora = Train("""
            -output_name cat -network_dim 2 -max_train_steps 2 -lr_scheduler cosine_with_min_lr -lr_warmup_steps 0.5 -lr_scheduler_num_cycles 1 -lr_scheduler_min_lr_ratio 0.1 `
            -loss_type smooth_l1 -huber_schedule exponential -huber_c 0.2 -huber_scale 0.5 -min_snr_gamma 5 -v_parameterization -scale_v_pred_loss_like_noise_pred -zero_terminal_snr `
            -noise_offset 0.1 -noise_offset_random_strength -adaptive_noise_scale 0.01 -multires_noise_iterations 4 -multires_noise_discount 0.4 -ip_noise_gamma 0.1 `
            -ip_noise_gamma_random_strength -min_timestep 100 -max_timestep 900 -weighted_captions | Get-Lora
            """).Single();

        var metadata = (IReadOnlyDictionary<string, string>)SessionResult.Value(lora, "Metadata")!;
        (string Key, string Value)[] told =
        [
            ("ss_lr_scheduler", "cosine_with_min_lr"), ("ss_lr_warmup_steps", "0.5"), ("ss_loss_type", "smooth_l1"), ("ss_huber_schedule", "exponential"),
            ("ss_huber_c", "0.2"), ("ss_huber_scale", "0.5"), ("ss_min_snr_gamma", "5.0"), ("ss_zero_terminal_snr", "True"), ("ss_noise_offset", "0.1"),
            ("ss_noise_offset_random_strength", "True"), ("ss_adaptive_noise_scale", "0.01"), ("ss_multires_noise_iterations", "4"), ("ss_multires_noise_discount", "0.4"),
            ("ss_ip_noise_gamma", "0.1"), ("ss_ip_noise_gamma_random_strength", "True"), ("ss_base_model_version", "sd_v1_v"), ("modelspec.prediction_type", "v"),
            ("modelspec.timestep_range", "100,900"),
        ];
        Assert.Equal(told, told.Select(pair => (pair.Key, metadata[pair.Key])));
    }

    [Fact]
    public void Blocks_optimizers_and_first_weights_are_given_by_the_reference_s_names_too()
    {
        var ranks = string.Join(',', Enumerable.Range(0, 25).Select(block => block % 3));
        var result = Train($"""
            -output_name cat -network_dim 2 -max_train_steps 1 -block_dims {ranks} -block_alphas {ranks} -down_lr_weight sine+0.5 -mid_lr_weight 0.5 -up_lr_weight 1,1,1,1,1,1,1,1,1,1,1,0 `
            -block_lr_zero_threshold 0.1 -loraplus_lr_ratio 4 -loraplus_unet_lr_ratio 8 -loraplus_text_encoder_lr_ratio 2 -optimizer_type lion -optimizer_args weight_decay=0.1, 'betas=0.8,0.9' -scale_weight_norms 1 | Get-Lora
            (New-LoraDataset '{TestFiles.Images}' -Resolution 64 | Start-LoraTraining -Model '{TestFiles.TinyModel}' -output_name next -max_train_steps 1 -network_module networks.lora -network_weights cat.safetensors -dim_from_weights `
                -base_weights cat.safetensors -base_weights_multiplier 0.5 | Get-Lora).ModuleCount -eq (Get-Lora cat.safetensors).ModuleCount
            """);

        result.AssertNoErrors();
        var metadata = (IReadOnlyDictionary<string, string>)SessionResult.Value(result.Output[0], "Metadata")!;
        var arguments = metadata["ss_network_args"];
        (string Key, string Value)[] expected =
        [
            ("block_dims", ranks), ("down_lr_weight", "sine+0.5"), ("mid_lr_weight", "0.5"), ("up_lr_weight", "1,1,1,1,1,1,1,1,1,1,1,0"), ("block_lr_zero_threshold", "0.1"),
            ("loraplus_lr_ratio", "4.0"), ("loraplus_unet_lr_ratio", "8.0"), ("loraplus_text_encoder_lr_ratio", "2.0"),
        ];
        Assert.All(expected, pair => Assert.Contains($"\"{pair.Key}\":\"{pair.Value}\"", arguments, StringComparison.Ordinal));
        Assert.Contains("Lion", metadata["ss_optimizer"], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("weight_decay=0.1", metadata["ss_optimizer"], StringComparison.Ordinal);
        Assert.Equal("1.0", metadata["ss_scale_weight_norms"]);
        Assert.Equal("True", $"{result.Output[1]}");
    }

    [Theory]
    [InlineData("-mixed_precision bf16 -gradient_checkpointing", "bf16", "False", "True")]
    [InlineData("-mixed_precision fp16 -full_fp16 -device cpu", "fp16", "True", "False")]
    public void Number_formats_and_memory_are_given_by_the_reference_s_names_too(string parameters, string mixed, string full, string checkpointing)
    {
        var lora = Train($"-DestinationPath cat -MaxTrainSteps 1 {parameters} | Get-Lora").Single();

        var metadata = (IReadOnlyDictionary<string, string>)SessionResult.Value(lora, "Metadata")!;
        Assert.Equal((mixed, full, checkpointing), (metadata["ss_mixed_precision"], metadata["ss_full_fp16"], metadata["ss_gradient_checkpointing"]));
    }

    [Fact]
    public void A_DyLora_network_is_trained_too()
    {
        var lora = Train("-DestinationPath cat -network_module networks.dylora -Unit 2 -Rank 4 -MaxTrainSteps 1 | Get-Lora").Single();

        Assert.Equal(("networks.dylora", 4L), (SessionResult.Value(lora, "NetworkModule"), SessionResult.Value(lora, "Rank")));
    }

    [Fact]
    public void Precision_checkpointing_and_device_are_chosen()
    {
        var lora = Train("-DestinationPath cat -mixed_precision bf16 -gradient_checkpointing -Device cpu -MaxTrainSteps 1 | Get-Lora").Single();

        var metadata = (IReadOnlyDictionary<string, string>)SessionResult.Value(lora, "Metadata")!;
        Assert.Equal(("bf16", "True"), (metadata["ss_mixed_precision"], metadata["ss_gradient_checkpointing"]));
    }

    [Fact]
    public void Steps_are_written_as_they_are_done_where_asked_for()
    {
        var result = Train("-DestinationPath cat -MaxTrainSteps 3 -IncludeStep");

        result.AssertNoErrors();
        Assert.Equal(["TrainingStep", "TrainingStep", "TrainingStep", "TrainingResult"], result.Output.Select(o => o.BaseObject.GetType().Name));
        Assert.Equal([1, 2, 3], result.Output.Take(3).Select(o => SessionResult.Value(o, "Step")));
    }

    [Fact]
    public void Progress_tells_the_loss_the_time_of_a_step_and_the_time_left()
    {
        var result = Train("-DestinationPath cat -MaxTrainSteps 2");

        Assert.Equal(("Training", "preparing"), (result.Progress[0].Activity, result.Progress[0].StatusDescription));
        Assert.Equal(("Loading the model", result.Progress[0].ActivityId), (result.Progress[1].Activity, result.Progress[1].ParentActivityId));
        // However fast it went, the last record tells the last step.
        Assert.Equal((ProgressRecordType.Completed, result.Progress[0].ActivityId), (result.Progress[^1].RecordType, result.Progress[^1].ActivityId));
        Assert.Matches(@"^step 2 of 2, epoch 1 of 1, average loss \d+\.\d{4}, \d+\.\d{2} s a step$", result.Progress[^1].StatusDescription);
    }

    [Fact]
    public void What_if_tells_the_plan_and_writes_nothing()
    {
        var shell = Shell.ShellProcess.Run([
            "-Command",
            $"{Dataset} -BatchSize 4 | Start-LoraTraining -Model '{TestFiles.TinyModel}' -DestinationPath '{_folder.File("new/cat")}' -MaxTrainEpochs 4 -SaveEveryEpochs 2 -WhatIf"]);

        Assert.Equal((0, ""), (shell.ExitCode, shell.Errors));
        Assert.Contains("12 steps in 4 epochs", shell.Output, StringComparison.Ordinal);
        Assert.Contains("12 pictures", shell.Output, StringComparison.Ordinal);
        Assert.Contains("210 modules", shell.Output, StringComparison.Ordinal);
        Assert.Contains($"{_folder.File("new/cat-000002.safetensors")}, {_folder.File("new/cat.safetensors")}", shell.Output, StringComparison.Ordinal);
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void Stopping_it_keeps_what_was_learned_and_says_how_to_go_on()
    {
        const string parameters = "-DestinationPath cat -Seed 3 -Rank 1";
        using var shell = _session.Prepare(Script($"{parameters} -MaxTrainSteps 100000 -IncludeStep"));
        using var output = new PSDataCollection<PSObject>();
        output.DataAdded += (_, _) => shell.BeginStop(null, null);
        _session.SetLocation(_folder);

        shell.Invoke(null, output);

        var state = _folder.File("cat.state.safetensors");
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        var told = Regex.Match(Assert.Single(shell.Streams.Warning).Message, @"after step (\d+)\..* -ResumePath '(.*)'\.$");
        Assert.Equal(state, told.Groups[2].Value);
        var done = int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture);
        var resumed = Train($"{parameters} -MaxTrainSteps {done + 1} -ResumePath cat.state.safetensors -IncludeStep");
        resumed.AssertNoErrors();
        Assert.Equal(done + 1, SessionResult.Value(resumed.Output[0], "Step"));
    }

    [Fact]
    public void A_command_after_it_that_has_seen_enough_stops_it()
    {
        var result = Train("-DestinationPath cat -MaxTrainSteps 100000 -IncludeStep | Select-Object -First 1");

        Assert.Equal(1, SessionResult.Value(result.Single(), "Step"));
        Assert.Contains("cat.state.safetensors", _folder.Entries);
        Assert.DoesNotContain("cat.safetensors", _folder.Entries);
    }

    [Theory]
    [InlineData("cat.safetensors")]
    [InlineData("cat-000001.safetensors")]
    [InlineData("cat.state.safetensors")]
    public void A_file_that_exists_is_not_replaced(string name)
    {
        File.WriteAllText(_folder.File(name), "mine");

        Train("-DestinationPath cat -MaxTrainEpochs 2 -SaveEveryEpochs 1", dataset: "-BatchSize 12").AssertTerminated("DestinationExists", ErrorCategory.ResourceExists, _folder.File(name));
        Assert.Equal("mine", File.ReadAllText(_folder.File(name)));
    }

    [Fact]
    public void A_file_that_exists_is_replaced_with_force()
    {
        File.WriteAllText(_folder.File("cat.safetensors"), "mine");

        Assert.Equal(4L, SessionResult.Value(Train("-DestinationPath cat -MaxTrainSteps 1 -Force | Get-Lora").Single(), "Rank"));
    }

    [Theory]
    [InlineData("-LearningRate 0", "InvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("-UNetOnly -TextEncoderOnly", "LoraTargetsNone", ErrorCategory.ObjectNotFound)]
    [InlineData("-ResumePath missing.safetensors", "FileNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("-Device cuda:99", "DeviceUnavailable", ErrorCategory.ResourceUnavailable)]
    [InlineData("-Optimizer none", "InvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("-Device cuda:9", "DeviceUnavailable", ErrorCategory.ResourceUnavailable)]
    [InlineData("-Device abacus", "InvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("-MixedPrecision bf16 -FullFp16", "InvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("-BlockRank 1,2,3", "InvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("-TokenizerPath missing", "TokenizerNotFound", ErrorCategory.ObjectNotFound)]
    public void What_cannot_be_done_ends_the_command_and_leaves_no_file(string parameters, string id, ErrorCategory category)
    {
        var result = Train($"-DestinationPath cat -MaxTrainSteps 1 {parameters}");

        Assert.Equal((id, category), (result.Terminating?.FullyQualifiedErrorId.Split(',')[0], result.Terminating?.CategoryInfo.Category));
        Assert.Empty(_folder.Entries);
    }

    [Theory]
    [InlineData("-Rank 0")]
    [InlineData("-MaxTrainSteps 0")]
    [InlineData("-MaxTokenLength 80")]
    [InlineData("-Dropout 1.5")]
    [InlineData("-SaveDType F99")]
    public void A_number_out_of_its_range_does_not_bind(string parameters)
    {
        Assert.Contains($"parameter '{parameters.Split(' ')[0][1..]}'", Train($"-DestinationPath cat {parameters}").Terminating?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_model_is_an_error()
    {
        _session.Run($"{Dataset} | Start-LoraTraining -Model missing -DestinationPath cat", _folder)
            .AssertTerminated("ModelNotFound", ErrorCategory.ObjectNotFound, _folder.File("missing"));
    }

    [Fact]
    public void A_run_has_one_data_set()
    {
        var result = _session.Run($"New-LoraDataset '{TestFiles.Images}', '{TestFiles.Images}' -Resolution 64 | Start-LoraTraining -Model '{TestFiles.TinyModel}' -DestinationPath cat", _folder);

        Assert.Equal("InvalidArgument", result.Terminating?.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("-ConfigPath", result.Terminating?.Exception.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private SessionResult Train(string parameters, string dataset = "") => _session.Run(Script(parameters, dataset), _folder);

    private static string Script(string parameters, string dataset = "") =>
        $"{Dataset} {dataset} | Start-LoraTraining -Model '{TestFiles.TinyModel}' {parameters}";
}
