using System.Collections;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes the names of merge methods.</summary>
public sealed class MergeMethodCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> Names(IDictionary parameters) => MergeMethods.Names;
}
