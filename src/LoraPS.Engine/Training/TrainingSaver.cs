using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Writes what a run leaves behind: LoRA files, and the states from which it can be taken up again.</summary>
/// <param name="run">The run.</param>
/// <param name="settings">The settings with which the run may be taken up again.</param>
/// <param name="paths">Names of the files.</param>
/// <param name="network">What is trained.</param>
/// <param name="trainer">What trains it.</param>
/// <param name="events">Told of every LoRA file.</param>
internal sealed class TrainingSaver(
    RunFacts run, IReadOnlyDictionary<string, string> settings, TrainingPaths paths, LoraNetwork network, NetworkTrainer trainer, IProgress<EngineEvent>? events)
{
    private readonly SaveSchedule _schedule = new(run.Options, run.Length, paths);
    private readonly List<string> _savedPaths = [];

    /// <summary>LoRA files saved on the way and still there.</summary>
    public IReadOnlyList<string> SavedPaths => _savedPaths;

    /// <summary>Saves state and LoRA if it is time to.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="losses">Losses that count for the average.</param>
    public void SaveIfDue(int step, IReadOnlyList<double> losses)
    {
        var points = _schedule.After(step).ToList();
        if (points.Count == 0)
            return;
        // State first: a crash in between leaves a run that can be taken up, and that writes the LoRA then.
        WriteState(paths.State, step, losses);
        points.ForEach(point => Save(point, step, losses));
    }

    /// <summary>Writes what a run that was killed between its state and its LoRA had still to write.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="losses">Losses that count for the average.</param>
    public void SaveMissing(int step, IReadOnlyList<double> losses)
    {
        foreach (var point in _schedule.After(step).Where(point => !File.Exists(point.Path)))
            Save(point, step, losses);
    }

    /// <summary>Saves state and LoRA of a run that was cancelled.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="losses">Losses that count for the average.</param>
    /// <param name="cancellationToken">The token that was cancelled.</param>
    /// <returns>What to throw.</returns>
    public TrainingStoppedException SaveStopped(int step, IReadOnlyList<double> losses, CancellationToken cancellationToken)
    {
        WriteState(paths.State, step, losses);
        WriteLora(paths.Step(step), step);
        return new(step, paths.Step(step), paths.State, cancellationToken);
    }

    /// <summary>Writes the finished LoRA; the state goes, unless it was asked for.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="losses">Losses that count for the average.</param>
    public void Finish(int step, IReadOnlyList<double> losses)
    {
        var keepsState = run.Options.SaveState || run.Options.SaveStateOnTrainEnd;
        if (keepsState)
            WriteState(paths.State, step, losses);
        WriteLora(paths.Final, step);
        if (!keepsState)
            File.Delete(paths.State);
    }

    private void Save(SavePoint point, int step, IReadOnlyList<double> losses)
    {
        if (run.Options.SaveState)
            WriteState(point.StatePath, step, losses);
        WriteLora(point.Path, step);
        _savedPaths.Add(point.Path);
        foreach (var outdated in (string?[])[point.OutdatedPath, point.OutdatedStatePath])
        {
            if (outdated is null)
                continue;
            File.Delete(outdated);
            _savedPaths.Remove(outdated);
        }
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
            Fields = run.Description,
        };
        LoraFileWriter.Write(path, Saved(path, step), TrainingMetadata.Of(run, paths.Name, step), spec);
        events?.Report(new LoraSavedEvent(path, step, run.Length.EpochOf(step - 1) + 1));
    }

    /// <summary>The network as it is saved.</summary>
    /// <exception cref="TrainedLoraNotFiniteException">It holds numbers that are not finite.</exception>
    private IReadOnlyDictionary<string, Tensor> Saved(string path, int step)
    {
        var tensors = network.ToStateDict(run.Options.SaveDType);
        return tensors.Where(tensor => !Finite.All(tensor.Value)).Select(tensor => tensor.Key).FirstOrDefault() is { } key
            ? throw new TrainedLoraNotFiniteException(path, step, key, run.Options.SaveDType)
            : tensors;
    }

    /// <summary>Writes a state, but none in place of a better one that could not be gone on from.</summary>
    /// <exception cref="TrainedLoraNotFiniteException">The network holds numbers that are not finite.</exception>
    private void WriteState(string path, int step, IReadOnlyList<double> losses)
    {
        if (network.Parameters().FirstOrDefault(parameter => !Finite.All(parameter.Value)) is { } broken)
            throw new TrainedLoraNotFiniteException(path, step, broken.Name, SafetensorsDType.F32);
        new TrainingState(step, run.Seed, run.StartedAt, settings, losses).Write(path, trainer.Memory);
    }
}
