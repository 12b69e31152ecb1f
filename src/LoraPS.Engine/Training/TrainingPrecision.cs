namespace LoraPS.Engine.Training;

/// <summary>The number formats of a training.</summary>
/// <remarks>The choices of sd-scripts' mixed_precision, full_fp16 and full_bf16, of which only these five combinations make sense.</remarks>
public enum TrainingPrecision
{
    /// <summary>Everything in float32.</summary>
    Fp32,

    /// <summary>The frozen model and its activations in bfloat16, the trained factors in float32.</summary>
    MixedBf16,

    /// <summary>The frozen model and its activations in float16, the trained factors in float32, the loss scaled.</summary>
    MixedFp16,

    /// <summary>Everything in bfloat16, the trained factors too.</summary>
    FullBf16,

    /// <summary>Everything in float16, the trained factors too, the loss scaled.</summary>
    FullFp16,
}
