using System.Management.Automation;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Training;

namespace LoraPS.Cmdlets.Common;

/// <content>How it learns.</content>
public abstract partial class TrainingCmdlet
{
    /// <summary>Learning rate of the parts that have none of their own.</summary>
    [Parameter]
    [Alias("learning_rate", "lr")]
    [ValidateRange(0.0, double.MaxValue)]
    public double LearningRate { get; set; } = Defaults.LearningRate;

    /// <summary>Learning rate of the U-Net.</summary>
    [Parameter]
    [Alias("unet_lr", "UnetLr")]
    [ValidateRange(0.0, double.MaxValue)]
    public double? UNetLearningRate { get; set; }

    /// <summary>Learning rate of the text encoder.</summary>
    [Parameter]
    [Alias("text_encoder_lr", "TextEncoderLr")]
    [ValidateRange(0.0, double.MaxValue)]
    public double? TextEncoderLearningRate { get; set; }

    /// <summary>Learning rate of the U-Net's blocks on the way down, as factors of the U-Net's: 12 numbers, or a curve such as sine+0.25.</summary>
    [Parameter]
    [Alias("down_lr_weight", "DownLrWeight")]
    [ArgumentCompleter(typeof(BlockCurveCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? DownLearningRateWeight { get; set; }

    /// <summary>Learning rate of the U-Net's middle block, as a factor of the U-Net's.</summary>
    [Parameter]
    [Alias("mid_lr_weight", "MidLrWeight")]
    [ValidateNotNullOrEmpty]
    public string[]? MidLearningRateWeight { get; set; }

    /// <summary>Learning rate of the U-Net's blocks on the way up, as factors of the U-Net's: 12 numbers, or a curve.</summary>
    [Parameter]
    [Alias("up_lr_weight", "UpLrWeight")]
    [ArgumentCompleter(typeof(BlockCurveCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? UpLearningRateWeight { get; set; }

    /// <summary>Factors of blocks up to this are taken for 0, which leaves the block out.</summary>
    [Parameter]
    [Alias("block_lr_zero_threshold", "BlockLrZeroThreshold")]
    [ValidateRange(0.0, double.MaxValue)]
    public double BlockLearningRateZeroThreshold { get; set; }

    /// <summary>LoRA+: how much faster the factors learn that lead to the output.</summary>
    [Parameter]
    [Alias("loraplus_lr_ratio", "LoraplusLrRatio")]
    [ValidateRange(0.0, double.MaxValue)]
    public double? LoraPlusRatio { get; set; }

    /// <summary>LoraPlusRatio of the U-Net.</summary>
    [Parameter]
    [Alias("loraplus_unet_lr_ratio", "LoraplusUnetLrRatio")]
    [ValidateRange(0.0, double.MaxValue)]
    public double? LoraPlusUNetRatio { get; set; }

    /// <summary>LoraPlusRatio of the text encoder.</summary>
    [Parameter]
    [Alias("loraplus_text_encoder_lr_ratio", "LoraplusTextEncoderLrRatio")]
    [ValidateRange(0.0, double.MaxValue)]
    public double? LoraPlusTextEncoderRatio { get; set; }

    /// <summary>Name of the optimizer.</summary>
    [Parameter]
    [Alias("optimizer_type", "OptimizerType")]
    [ArgumentCompleter(typeof(OptimizerCompleter))]
    [ValidateNotNullOrEmpty]
    public string Optimizer { get; set; } = Defaults.Optimizer;

    /// <summary>Settings of the optimizer, each name=value, such as weight_decay=0.1.</summary>
    [Parameter]
    [Alias("optimizer_args", "OptimizerArgs")]
    [ValidateNotNullOrEmpty]
    public string[] OptimizerArgument { get; set; } = [];

    /// <summary>Largest norm of all gradients together; longer ones are shortened to it. 0 never shortens.</summary>
    [Parameter]
    [Alias("max_grad_norm")]
    [ValidateRange(0.0, double.MaxValue)]
    public double MaxGradNorm { get; set; } = Defaults.MaxGradNorm;

    /// <summary>Weight of regularisation pictures in the loss; other pictures weigh 1.</summary>
    [Parameter]
    [Alias("prior_loss_weight")]
    [ValidateRange(0.0, double.MaxValue)]
    public double PriorLossWeight { get; set; } = Defaults.PriorLossWeight;

    /// <summary>Largest norm that the change of a layer may have; larger ones are shrunk after every step. 1 is usual.</summary>
    [Parameter]
    [Alias("scale_weight_norms", "ScaleWeightNorms")]
    [ValidateRange(double.Epsilon, double.MaxValue)]
    public double? MaxWeightNorm { get; set; }

    private LoraPlusOptions MakeLoraPlusOptions(LoraPlusOptions file) => new()
    {
        Ratio = Given(LoraPlusRatio, file.Ratio),
        UNetRatio = Given(LoraPlusUNetRatio, file.UNetRatio),
        TextEncoderRatio = Given(LoraPlusTextEncoderRatio, file.TextEncoderRatio),
    };

    private BlockLearningRates? MakeBlockLearningRates(BlockLearningRates? file)
    {
        var rates = new BlockLearningRates
        {
            Down = Given(Joined(DownLearningRateWeight), file?.Down, nameof(DownLearningRateWeight)),
            Middle = Given(Joined(MidLearningRateWeight), file?.Middle, nameof(MidLearningRateWeight)),
            Up = Given(Joined(UpLearningRateWeight), file?.Up, nameof(UpLearningRateWeight)),
            ZeroThreshold = Given(BlockLearningRateZeroThreshold, file?.ZeroThreshold ?? 0),
        };
        return (rates.Down ?? rates.Middle ?? rates.Up) is null ? null : rates;
    }

    private static string? Joined(string[]? weights) => weights is null ? null : string.Join(',', weights);
}
