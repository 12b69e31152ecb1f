using System.Collections;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes the names of block weight curves.</summary>
public sealed class BlockCurveCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> Names(IDictionary parameters) => BlockCurve.Names;
}
