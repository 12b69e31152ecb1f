using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Training.Optimizers;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Writes what a run leaves behind: LoRA files, and the state from which it can be taken up again.</summary>
/// <param name="run">The run.</param>
/// <param name="settings">The settings with which the run may be taken up again.</param>
/// <param name="paths">Names of the files.</param>
/// <param name="network">What is trained.</param>
/// <param name="trainer">What trains it.</param>
internal sealed class TrainingSaver(
    RunFacts run, IReadOnlyDictionary<string, string> settings, TrainingPaths paths, LoraNetwork network, NetworkTrainer trainer)
{
    private readonly List<string> _epochPaths = [];

    /// <summary>LoRA files saved after epochs.</summary>
    public IReadOnlyList<string> EpochPaths => _epochPaths;

    /// <summary>Saves state and LoRA after an epoch.</summary>
    /// <param name="epoch">Number of the epoch, from 1.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="losses">Losses that count for the average.</param>
    public void SaveEpoch(int epoch, int step, IReadOnlyList<double> losses)
    {
        // State first: a crash in between leaves a run that can be taken up, and that writes the LoRA then.
        WriteState(step, losses);
        WriteLora(paths.Epoch(epoch), step);
        _epochPaths.Add(paths.Epoch(epoch));
    }

    /// <summary>Saves state and LoRA of a run that was cancelled.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="losses">Losses that count for the average.</param>
    /// <param name="cancellationToken">The token that was cancelled.</param>
    /// <returns>What to throw.</returns>
    public TrainingStoppedException SaveStopped(int step, IReadOnlyList<double> losses, CancellationToken cancellationToken)
    {
        WriteState(step, losses);
        WriteLora(paths.Step(step), step);
        return new(step, paths.Step(step), paths.State, cancellationToken);
    }

    /// <summary>Writes the finished LoRA and removes the state, which nothing can be taken up from any more.</summary>
    /// <param name="step">Steps done.</param>
    public void Finish(int step)
    {
        WriteLora(paths.Final, step);
        File.Delete(paths.State);
    }

    private void WriteLora(string path, int step)
    {
        using var scope = NewDisposeScope();
        var resolution = run.Dataset.Groups[0].Options.Resolution!.Value;
        var spec = new ModelSpec
        {
            Title = paths.Name,
            Resolution = (resolution.Width, resolution.Height),
            Date = run.Options.Clock.GetLocalNow().DateTime,
            ClipSkip = run.Options.ClipSkip,
            PredictionType = run.Options.VPrediction ? "v" : "epsilon",
            TimestepRange = run.Options.Noise.TimestepRange,
        };
        LoraFileWriter.Write(path, network.ToStateDict(run.Options.SaveDType), TrainingMetadata.Of(run, paths.Name, step), spec);
    }

    private void WriteState(int step, IReadOnlyList<double> losses) =>
        new TrainingState(step, run.Seed, run.StartedAt, settings, losses).Write(paths.State, trainer.Memory);
}
