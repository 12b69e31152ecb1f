using System.Collections;
using LoraPS.Engine.Training.LearningRates;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes names of learning-rate schedules.</summary>
public sealed class LrScheduleCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> Names(IDictionary parameters) => LrSchedules.Names;
}
