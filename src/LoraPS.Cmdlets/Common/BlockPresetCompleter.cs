using System.Collections;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes the names of block weight presets.</summary>
public sealed class BlockPresetCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> Names(IDictionary parameters) => BlockPresets.Names;
}
