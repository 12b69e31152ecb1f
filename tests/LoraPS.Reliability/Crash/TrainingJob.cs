using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Tests.Training;
using LoraPS.Engine.Training;

namespace LoraPS.Reliability.Crash;

/// <summary>A training that saves its state and its LoRA after every step, and is taken up from its state.</summary>
/// <param name="folder">Where all its files are.</param>
/// <param name="precision">What it computes in.</param>
/// <param name="optimizer">Name of the optimizer.</param>
internal sealed class TrainingJob(string folder, TrainingPrecision precision, string optimizer) : CrashJob(folder)
{
    private string Model => Path.Combine(Folder, "model");

    private string Pictures => Path.Combine(Folder, "pictures");

    private string Destination => Path.Combine(Output, "cat.safetensors");

    private string State => Path.Combine(Output, "cat.state.safetensors");

    public override void Prepare() => TrainingInputs.Write(Folder);

    public override void Work() => Train(resume: false);

    /// <summary>Takes the run up where its state is, or anew where there is none.</summary>
    public override void Finish() => Train(resume: File.Exists(State));

    /// <summary>States on the way are told by being read; whether they are the right ones is told by the end of the run.</summary>
    public override bool IsWhole(string name, string hash)
    {
        if (name != Path.GetFileName(State))
            return base.IsWhole(name, hash);
        SafetensorsFile.Open(State).Dispose();
        return TrainingState.Read(State).Step is > 0 and <= RandomRun.Steps;
    }

    public override void Reset(bool isNew) => base.Reset(isNew: true);

    private void Train(bool resume) => LoraTrainer.Train(Model, RandomRun.Dataset(Pictures), RandomRun.Options(Destination) with
    {
        Precision = precision, Optimizer = optimizer, SaveEverySteps = 1, Overwrite = true, ResumePath = resume ? State : null,
    });
}
