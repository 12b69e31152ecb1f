using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Prepares the batches of a run while those before them train: pictures read, captions in tokens, noise and timesteps drawn.</summary>
/// <remarks>
/// All of it follows from seed, epoch and item, so it does not matter when or on which thread it is made. What needs the
/// model is left to <see cref="PreparedBatch.Draw"/>.
/// </remarks>
/// <param name="run">The run.</param>
/// <param name="parts">What draws and what reads captions.</param>
/// <param name="firstStep">Steps that are done already.</param>
internal sealed class BatchLoader(RunFacts run, TrainingParts parts, int firstStep) : IDisposable
{
    private readonly WorkAhead<Place, PreparedBatch> _work = new(
        Places(run, firstStep),
        place => new(place.Batch, ((place.Epoch - 1) * run.Length.BatchesPerEpoch) + place.Index, parts.Text.Tokenize(place.Batch), parts.Sampler.Prepare(place.Batch, place.Epoch)),
        run.Options.PreparesAhead);

    /// <summary>The next batch of the run.</summary>
    /// <exception cref="ImageUnreadableException">One of its pictures, which is cropped anew each time, can no longer be read.</exception>
    public PreparedBatch Next() => _work.Next();

    /// <inheritdoc/>
    public void Dispose() => _work.Dispose();

    private static IEnumerable<Place> Places(RunFacts run, int firstStep)
    {
        var (batches, known) = ((IReadOnlyList<TrainingBatch>)[], 0);
        for (var step = firstStep; step < run.Length.Steps; step++)
        {
            var epoch = run.Length.EpochOf(step) + 1;
            if (epoch != known)
                (batches, known) = (BatchSampler.Epoch(run.Dataset, run.Seed, epoch, new StepSchedule(run.Length.Steps, run.Length.BatchesPerStep)), epoch);
            foreach (var index in run.Length.BatchesOf(step))
                yield return new(epoch, index, batches[index]);
        }
    }

    private sealed record Place(int Epoch, int Index, TrainingBatch Batch);
}
