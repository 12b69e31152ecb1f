using System.Management.Automation;

namespace LoraPS.Cmdlets.Common;

/// <summary>Lets a name be given as the reference writes it, with underscores: <c>smooth_l1</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnderscoreTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        ((inputData as PSObject)?.BaseObject ?? inputData) is string text ? text.Replace("_", "", StringComparison.Ordinal) : inputData;
}
