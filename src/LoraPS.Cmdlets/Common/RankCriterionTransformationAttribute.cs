using System.Management.Automation;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Common;

/// <summary>Lets a <see cref="RankCriterion"/> be given by the reference's names too: <c>sv_ratio</c>, <c>sv_fro</c>, <c>sv_cumulative</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RankCriterionTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is string name ? name.Replace("_", "", StringComparison.Ordinal) : inputData;
}
