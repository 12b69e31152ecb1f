using System.Collections;
using LoraPS.Engine.Training.Optimizers;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes names of optimizers.</summary>
public sealed class OptimizerCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> Names(IDictionary parameters) => OptimizerKinds.Names;
}
