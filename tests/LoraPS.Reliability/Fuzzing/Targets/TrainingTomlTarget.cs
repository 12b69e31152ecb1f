using LoraPS.Engine.Training.Configuration;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Training configurations; what is read is written again and must say the same.</summary>
internal sealed class TrainingTomlTarget : FuzzTarget
{
    public override string Name => "training.toml";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8(
        "pretrained_model_name_or_path = \"model\"\ntrain_data_dir = \"photos\"\nresolution = \"512,768\"\nnetwork_dim = 16\nnetwork_alpha = 8\nlearning_rate = 1e-4\noutput_dir = \"out\"\noutput_name = \"cat\"\noptimizer_type = \"AdamW\"\noptimizer_args = [\"weight_decay=0.1\", \"betas=0.9,0.99\"]\n",
        "[network]\nnetwork_module = \"networks.lora\"\nnetwork_args = [\"conv_dim=4\", \"conv_alpha=1\", \"block_dims=1,2,3\"]\n[steps]\nmax_train_steps = 100\nlr_scheduler = \"cosine\"\nlr_warmup_steps = \"10%\"\n",
        "mixed_precision = \"fp16\"\nsave_precision = \"bf16\"\nnoise_offset = 0.05\nmin_snr_gamma = 5\nloss_type = \"huber\"\nbase_weights = [\"a\"]\nbase_weights_multiplier = [0.5]\nlr_scheduler_args = [\"step_rules=1:10,0.1\"]\n");

    protected override IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. Utf8("output_name = ", "\"../../x\"", "\"/etc/x\"", "network_args = [\"", "conv_dim=", "block_lr=", "algo=lokr", "factor=0", "seed = ", "inf", "[[", "\n", "\"", "= true", "step_rules=", "optimizer_args = [\"", "d_coef=", "lr_scheduler = "),
    ];

    public override void Try(byte[] input, string folder)
    {
        var config = TrainingConfigReader.Read(Write(folder, "x.toml", input));
        if (Path.GetDirectoryName(config.Training.DestinationPath) != Path.TrimEndingDirectorySeparator(Path.GetFullPath(config.OutputDirectory ?? folder)) && config.OutputDirectory is null)
            throw new InvalidOperationException($"The name {config.OutputName} leads to {config.Training.DestinationPath}.");
        File.WriteAllText(Path.Combine(folder, "y.toml"), TrainingConfigWriter.ToToml(config));
        TrainingConfigReader.Read(Path.Combine(folder, "y.toml"));
    }
}
