using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>What each <see cref="TrainingPrecision"/> means.</summary>
public static class PrecisionRules
{
    /// <summary>Number format of the frozen model and its activations.</summary>
    public static ScalarType ModelType(this TrainingPrecision precision) => precision switch
    {
        TrainingPrecision.MixedBf16 or TrainingPrecision.FullBf16 => ScalarType.BFloat16,
        TrainingPrecision.MixedFp16 or TrainingPrecision.FullFp16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>Whether the trained factors have the model's number format rather than float32.</summary>
    public static bool IsFull(this TrainingPrecision precision) => precision is TrainingPrecision.FullBf16 or TrainingPrecision.FullFp16;

    /// <summary>Whether the loss is scaled, so that small gradients do not vanish: float16 ends at 6e-8.</summary>
    public static bool ScalesLoss(this TrainingPrecision precision) => precision.ModelType() == ScalarType.Float16;

    /// <summary>What the reference calls the format of the model, in metadata.</summary>
    public static string MetadataName(this TrainingPrecision precision) => precision.ModelType() switch
    {
        ScalarType.BFloat16 => "bf16",
        ScalarType.Float16 => "fp16",
        _ => "no",
    };
}
