using System.Management.Automation;
using LoraPS.Engine.Lora;

namespace LoraPS.Cmdlets.Common;

/// <summary>Lets a kind of network be given by the reference's module names too: <c>networks.lora</c>, <c>networks.lora_fa</c>, <c>networks.dylora</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NetworkKindTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => $"{inputData}".ToUpperInvariant() switch
    {
        "NETWORKS.LORA" => NetworkKind.Lora,
        "NETWORKS.LORA_FA" => NetworkKind.LoraFa,
        "NETWORKS.DYLORA" => NetworkKind.DyLora,
        _ => inputData,
    };
}
