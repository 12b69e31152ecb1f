using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Runs that were stopped and taken up again, with all that networks and number formats add to a run's state.</summary>
public sealed class NetworkResumeTests : IDisposable
{
    private const int StopAfter = 3;
    private readonly TrainingFolder _folder = new();

    [Theory]
    [InlineData(NetworkKind.LoraFa, TrainingPrecision.MixedFp16)]
    [InlineData(NetworkKind.DyLora, TrainingPrecision.FullBf16)]
    [InlineData(NetworkKind.Dora, TrainingPrecision.Fp32)]
    [InlineData(NetworkKind.Loha, TrainingPrecision.MixedBf16)]
    [InlineData(NetworkKind.Lokr, TrainingPrecision.FullFp16)]
    public void A_run_that_was_stopped_ends_with_the_bytes_of_one_that_was_not(NetworkKind kind, TrainingPrecision precision)
    {
        var options = _folder.Options() with
        {
            Network = new() { Kind = kind, Rank = 2, ModuleDropout = 0.1 },
            Precision = precision,
            GradientCheckpointing = kind == NetworkKind.Lokr,
            MaxWeightNorm = kind == NetworkKind.Dora ? null : 0.05,
            TextEncoderLearningRate = 0,
        };
        var whole = File.ReadAllBytes(LoraTrainer.Train(_folder.Model, _folder.Dataset(), options).Path);

        using var stop = new CancellationTokenSource();
        var stopped = Assert.Throws<TrainingStoppedException>(() => LoraTrainer.Train(
            _folder.Model, _folder.Dataset(), options with { Overwrite = true }, new Stopper(stop), stop.Token));
        Assert.Equal(StopAfter, stopped.Step);
        var resumed = LoraTrainer.Train(_folder.Model, _folder.Dataset(), options with { Overwrite = true, ResumePath = stopped.StatePath });
        Assert.Equal(whole, File.ReadAllBytes(resumed.Path));
    }

    public void Dispose() => _folder.Dispose();

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value)
        {
            if (value is TrainingStepEvent { Step.Step: StopAfter })
                stop.Cancel();
        }
    }
}
