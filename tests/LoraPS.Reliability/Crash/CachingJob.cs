using LoraPS.Engine.Tests.Training;
using LoraPS.Engine.Training;

namespace LoraPS.Reliability.Crash;

/// <summary>A training of one step that fills a cache of latents and text states on the disk.</summary>
internal sealed class CachingJob(string folder) : CrashJob(folder)
{
    private const int Pictures = 40;

    public override void Prepare() => TrainingInputs.Write(Folder, Pictures);

    public override void Work() => Finish();

    public override void Finish() => LoraTrainer.Train(
        Path.Combine(Folder, "model"),
        TrainingFolder.Dataset(Path.Combine(Folder, "pictures")),
        TrainingFolder.OptionsFor(Path.Combine(Output, "cat.safetensors")) with
        {
            MaxTrainSteps = 1, Network = new() { TrainTextEncoder = false }, Overwrite = true, CachePath = Path.Combine(Output, "cache"),
        });

    public override void Reset(bool isNew) => base.Reset(isNew: true);
}
