using System.Management.Automation;
using LoraPS.Engine.Formats;

namespace LoraPS.Cmdlets.Common;

/// <summary>Lets a float type be given by the reference's names too: <c>float</c>, <c>fp16</c>, <c>bf16</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DTypeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => $"{inputData}".ToUpperInvariant() switch
    {
        "FLOAT" or "FP32" or "FLOAT32" => SafetensorsDType.F32,
        "FP16" or "FLOAT16" => SafetensorsDType.F16,
        "BFLOAT16" => SafetensorsDType.BF16,
        _ => inputData,
    };
}
