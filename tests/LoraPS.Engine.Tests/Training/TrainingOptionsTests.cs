using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Settings are refused before anything is loaded: the model of these plans does not exist.</summary>
public sealed class TrainingOptionsTests : IDisposable
{
    private static readonly TrainingOptions Good = new() { DestinationPath = "lora.safetensors" };
    private readonly TrainingFolder _folder = new(pictures: 1);

    public static TheoryData<TrainingOptions, string> Refused => new()
    {
        { Good with { Optimizer = "AdamZ" }, "AdamW8bit" },
        { Good with { OptimizerArgs = ["momentum=0.9"] }, "betas, eps, weight_decay" },
        { Good with { Optimizer = "Prodigy", UNetLearningRate = 1, TextEncoderLearningRate = 0.5 }, "one learning rate" },
        { Good with { Optimizer = "Prodigy", LearningRate = 1, LoraPlus = new() { Ratio = 4 } }, "LoRA+" },
        { Good with { LrSchedule = new() { Name = "sawtooth" } }, "cosine_with_restarts" },
        { Good with { LrSchedule = new() { Warmup = 10 } }, "constant_with_warmup" },
        { Good with { LrSchedule = new() { Name = "cosine", Warmup = 1.5 } }, "whole number" },
        { Good with { LrSchedule = new() { Name = "cosine", Warmup = -1 } }, "whole number" },
        { Good with { LrSchedule = new() { Name = "cosine", Power = 2 } }, "polynomial" },
        { Good with { LrSchedule = new() { Name = "cosine_with_min_lr" } }, "MinRatio" },
        { Good with { LrSchedule = new() { Name = "cosine_with_min_lr", MinRatio = 2 } }, "MinRatio" },
        { Good with { LrSchedule = new() { Name = "piecewise_constant", StepRules = "1" + ":x,1" } }, "1:10,0.1:20,0.05" },
        { Good with { LrSchedule = new() { Name = "polynomial" }, LearningRate = 1e-8 }, "1E-07" },
        { Good with { LrSchedule = new() { Name = "cosine" }, Optimizer = "Adafactor" }, "relative_step=False" },
        { Good with { Loss = new() { MinSnrGamma = 0 } }, "MinSnrGamma" },
        { Good with { Loss = new() { HuberC = 0 } }, "HuberC" },
        { Good with { Loss = new() { HuberScale = 0.5 } }, "Exponential or Constant" },
        { Good with { Loss = new() { Kind = (LossKind)9 } }, "L2, L1, Huber, SmoothL1" },
        { Good with { Loss = new() { ScaleVelocityLikeNoise = true } }, "predict velocities" },
        { Good with { Loss = new() { VelocityLikeLoss = 1 }, VPrediction = true }, "predict noise" },
        { Good with { Loss = new() { DebiasedEstimation = true }, Noise = new() { ZeroTerminalSnr = true } }, "999" },
        { Good with { Noise = new() { Offset = -0.1 } }, "at least 0" },
        { Good with { Noise = new() { AdaptiveScale = 0.1 } }, "Offset" },
        { Good with { Noise = new() { OffsetRandomStrength = true } }, "Offset" },
        { Good with { Noise = new() { InputPerturbationRandomStrength = true } }, "InputPerturbation" },
        { Good with { Noise = new() { PyramidLevels = 6, PyramidDiscount = 0 } }, "PyramidDiscount" },
        { Good with { Noise = new() { MinTimestep = 500, MaxTimestep = 500 } }, "up to, but not including" },
        { Good with { Noise = new() { MaxTimestep = 1001 } }, "at most 1000" },
        { Good with { Noise = new() { MinTimestep = -1 } }, "MinTimestep" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void A_setting_out_of_range_is_refused_with_what_is_accepted(TrainingOptions options, string accepted)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => LoraTrainer.Plan("there is no such model", _folder.Dataset(), options));
        Assert.Contains(accepted, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<TrainingOptions> Accepted => new()
    {
        Good with { Optimizer = "prodigy", LearningRate = 1, TextEncoderLearningRate = 0 },
        Good with { Optimizer = "Adafactor", OptimizerArgs = ["relative_step=False"], LrSchedule = new() { Name = "constant_with_warmup", Warmup = 0.1 } },
        Good with { LrSchedule = new() { Name = "Warmup_Stable_Decay", Warmup = 1, Decay = 0.2, MinRatio = 0 } },
        Good with { Loss = new() { Kind = LossKind.Huber, HuberSchedule = HuberSchedule.Exponential, HuberScale = 0.5 } },
        Good with { Loss = new() { DebiasedEstimation = true, SnrBeforeRescaling = true }, Noise = new() { ZeroTerminalSnr = true } },
        Good with { Loss = new() { MinSnrGamma = 5, ScaleVelocityLikeNoise = true }, VPrediction = true, Noise = new() { ZeroTerminalSnr = true } },
        Good with { Noise = new() { Offset = 0.1, AdaptiveScale = -0.5, MinTimestep = 999 } },
    };

    [Theory]
    [MemberData(nameof(Accepted), DisableDiscoveryEnumeration = true)]
    public void Settings_that_go_together_are_accepted(TrainingOptions options) =>
        Assert.IsNotAssignableFrom<ArgumentException>(Record.Exception(() => LoraTrainer.Plan("there is no such model", _folder.Dataset(), options)));

    public void Dispose() => _folder.Dispose();
}
