using System.Collections;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes block weights: presets, and blocks up to the number.</summary>
public sealed class BlockWeightCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> Names(IDictionary parameters) => [.. BlockPresets.Names, .. Enum.GetNames<UNetBlock>().Select(block => $"{block}=")];
}
