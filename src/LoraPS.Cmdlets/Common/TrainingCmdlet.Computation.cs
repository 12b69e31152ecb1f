using System.Management.Automation;
using LoraPS.Engine.Training;

namespace LoraPS.Cmdlets.Common;

/// <content>With what a training is computed: number formats, memory, device.</content>
public abstract partial class TrainingCmdlet
{
    /// <summary>Number format of the frozen model: no (float32), bf16, or fp16 with a scaled loss. What is trained stays in float32.</summary>
    [Parameter]
    [Alias("mixed_precision")]
    [ValidateSet("no", "bf16", "fp16")]
    public string MixedPrecision { get; set; } = "no";

    /// <summary>Trains in bf16 throughout; what is trained has that format too. With MixedPrecision bf16.</summary>
    [Parameter]
    [Alias("full_bf16")]
    public SwitchParameter FullBf16 { get; set; }

    /// <summary>Trains in fp16 throughout; what is trained has that format too. With MixedPrecision fp16.</summary>
    [Parameter]
    [Alias("full_fp16")]
    public SwitchParameter FullFp16 { get; set; }

    /// <summary>Compute activations again on the way back in place of keeping them: less memory, about a third more time.</summary>
    [Parameter]
    [Alias("gradient_checkpointing")]
    public SwitchParameter GradientCheckpointing { get; set; }

    /// <summary>What computes: auto, cpu, cuda, cuda:N or mps. Auto takes a CUDA device where there is one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    [ValidateNotNullOrEmpty]
    public string Device { get; set; } = Defaults.Device;

    private TrainingPrecision MakePrecision(TrainingPrecision file) => (
        Given(MixedPrecision, file.MetadataName()).ToUpperInvariant(),
        Given(FullBf16, file == TrainingPrecision.FullBf16),
        Given(FullFp16, file == TrainingPrecision.FullFp16)) switch
    {
        ("NO", false, false) => TrainingPrecision.Fp32,
        ("BF16", false, false) => TrainingPrecision.MixedBf16,
        ("FP16", false, false) => TrainingPrecision.MixedFp16,
        ("BF16", true, false) => TrainingPrecision.FullBf16,
        ("FP16", false, true) => TrainingPrecision.FullFp16,
        _ => throw new ArgumentException($"FullBf16 goes with MixedPrecision bf16, and FullFp16 with fp16; MixedPrecision is {Given(MixedPrecision, file.MetadataName())}."),
    };
}
