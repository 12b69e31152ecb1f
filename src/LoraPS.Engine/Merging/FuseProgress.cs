using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>Tells how far the writing of a model has come.</summary>
/// <param name="activity">What is done.</param>
/// <param name="tensors">What has to be written.</param>
/// <param name="events">Who is told, or null.</param>
internal sealed class FuseProgress(string activity, IReadOnlyCollection<PlannedTensor> tensors, IProgress<EngineEvent>? events)
{
    private readonly long _bytes = tensors.Sum(tensor => tensor.Spec.ByteCount);
    private long _bytesDone;
    private int _tensorsDone;

    /// <summary>Counts what was written.</summary>
    public void Add(long bytes, int count)
    {
        _bytesDone += bytes;
        _tensorsDone += count;
        events?.Report(new ProgressEvent(activity, $"tensor {_tensorsDone} of {tensors.Count}", _bytes == 0 ? 1 : (double)_bytesDone / _bytes));
    }
}
