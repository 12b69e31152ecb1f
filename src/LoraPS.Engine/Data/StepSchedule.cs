namespace LoraPS.Engine.Data;

/// <summary>How the batches of a run are counted as optimizer steps.</summary>
/// <param name="MaxTrainSteps">Optimizer steps of the whole run; 0 when not known.</param>
/// <param name="BatchesPerStep">Batches whose gradients are summed before a step; an epoch's last step may have fewer. 0 counts as 1.</param>
public readonly record struct StepSchedule(int MaxTrainSteps, int BatchesPerStep = 1)
{
    /// <summary>When a batch comes.</summary>
    /// <param name="epoch">Epoch number, the first one is 1.</param>
    /// <param name="batch">The batch's place in the epoch, from 0.</param>
    /// <param name="batchesPerEpoch">Batches an epoch.</param>
    public CaptionMoment MomentOf(int epoch, int batch, int batchesPerEpoch)
    {
        var batches = Math.Max(1, BatchesPerStep);
        var stepsPerEpoch = (batchesPerEpoch + batches - 1) / batches;
        return new CaptionMoment(epoch, ((epoch - 1) * stepsPerEpoch) + (batch / batches), MaxTrainSteps);
    }
}
