using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>Tells how far a merge into a model has come.</summary>
/// <param name="plan">What has to be done.</param>
/// <param name="events">Who is told, or null.</param>
internal sealed class FuseProgress(FusePlan plan, IProgress<EngineEvent>? events)
{
    private const string Activity = "Merging into the model";

    private readonly long _bytes = plan.Tensors.Sum(tensor => tensor.Spec.ByteCount);
    private readonly int _tensors = plan.Tensors.Count();
    private long _bytesDone;
    private int _tensorsDone;

    /// <summary>Counts what was written.</summary>
    public void Add(long bytes, int tensors)
    {
        _bytesDone += bytes;
        _tensorsDone += tensors;
        events?.Report(new ProgressEvent(Activity, $"tensor {_tensorsDone} of {_tensors}", _bytes == 0 ? 1 : (double)_bytesDone / _bytes));
    }

    /// <summary>Warns of what has no effect.</summary>
    public void WarnOfUnmatched()
    {
        if (plan.UnmatchedModules.Count > 0)
        {
            events?.Report(new WarningEvent(
                "LoraModulesUnmatched",
                $"{plan.UnmatchedModules.Count} modules of the LoRAs are not in the model and have no effect: {string.Join(", ", plan.UnmatchedModules.Take(3))}{(plan.UnmatchedModules.Count > 3 ? " …" : "")}.",
                plan.UnmatchedModules));
        }
    }
}
