using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

/// <summary>A run that is stopped and taken up again ends as one that was not; for one that is killed see LoraPS.Reliability.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, false, false)]
    [InlineData(1, true, false)]
    [InlineData(1, false, true)]
    public void A_run_stopped_after_any_step_and_taken_up_ends_with_the_same_bytes(int accumulation, bool randomCrop, bool cachedOnDisk)
    {
        var options = RandomRun.Options(_folder["whole.safetensors"]) with { GradientAccumulationSteps = accumulation };
        Train(options, randomCrop);
        var whole = WithoutName("whole.safetensors");
        for (var stop = 1; stop < RandomRun.Steps; stop++)
        {
            var parted = options with
            {
                DestinationPath = _folder["parted.safetensors"], Overwrite = true, CachePath = cachedOnDisk ? _folder["cache"] : null,
            };
            var stopped = StopAfter(stop, parted, randomCrop);
            Assert.Equal((stop, parted.DestinationPath.Replace(".safetensors", ".state.safetensors", StringComparison.Ordinal)), (stopped.Step, stopped.StatePath));
            Train(parted with { ResumePath = stopped.StatePath }, randomCrop);
            Assert.Equal(whole, WithoutName("parted.safetensors"));
            Assert.DoesNotContain("parted.state.safetensors", _folder.Entries);
        }
    }

    [Fact]
    public void A_run_stopped_several_times_ends_with_the_same_bytes()
    {
        var options = RandomRun.Options(_folder["cat.safetensors"]);
        Train(options);
        var whole = _folder.Hashes()["cat.safetensors"];
        options = options with { Overwrite = true };
        foreach (var stop in (int[])[2, 3, 6])
            options = options with { ResumePath = StopAfter(stop, options).StatePath };
        Train(options);
        Assert.Equal(whole, _folder.Hashes()["cat.safetensors"]);
    }

    [Fact]
    public void A_run_whose_state_is_kept_goes_on_with_more_steps_as_if_it_had_been_longer()
    {
        var options = RandomRun.Options(_folder["cat.safetensors"]) with { SaveStateOnTrainEnd = true };
        Train(options with { MaxTrainSteps = 12 });
        var whole = _folder.Hashes();
        options = options with { Overwrite = true };
        Train(options);
        Train(options with { MaxTrainSteps = 12, ResumePath = _folder["cat.state.safetensors"] });
        Assert.Equal(whole, _folder.Hashes());
    }

    [Fact]
    public void Other_settings_are_refused_and_each_is_named()
    {
        var options = RandomRun.Options(_folder["cat.safetensors"]);
        var stopped = StopAfter(2, options);
        var error = Assert.Throws<ResumeMismatchException>(() => Train(options with
        {
            ResumePath = stopped.StatePath, LearningRate = 2e-3, MaxTrainSteps = 1, Network = options.Network with { Rank = 8 },
        }));
        Assert.Equal(
            ["UNetLearningRate was 0.001 and is 0.002", "TextEncoderLearningRate was 0.001 and is 0.002", "Rank was 4 and is 8", "2 steps are done and the run is to have 1"],
            error.Differences);
    }

    [Fact]
    public void A_cancelled_run_that_had_not_begun_writes_nothing()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var error = Assert.Throws<TrainingStoppedException>(
            () => LoraTrainer.Train(_folder.Model, _folder.Dataset(), _folder.Options(), null, stop.Token));
        Assert.Equal((0, null, null), (error.Step, error.LoraPath, error.StatePath));
        Assert.Empty(_folder.Entries);
    }

    public void Dispose() => _folder.Dispose();

    private TrainingResult Train(TrainingOptions options, bool randomCrop = false) =>
        LoraTrainer.Train(_folder.Model, RandomRun.Dataset(_folder.Pictures, randomCrop), options);

    private TrainingStoppedException StopAfter(int step, TrainingOptions options, bool randomCrop = false)
    {
        using var stop = new CancellationTokenSource();
        return Assert.Throws<TrainingStoppedException>(() => LoraTrainer.Train(
            _folder.Model, RandomRun.Dataset(_folder.Pictures, randomCrop), options, new CancelAfter(step, stop), stop.Token));
    }

    /// <summary>The tensors, and the metadata but for the name of the file and the hashes of names.</summary>
    private string WithoutName(string name)
    {
        using var file = SafetensorsFile.Open(_folder[name]);
        return string.Join('\n', file.Metadata.Where(entry => entry.Key is not ("ss_output_name" or "modelspec.title" or "sshs_legacy_hash")));
    }

    private sealed class CancelAfter(int step, CancellationTokenSource stop) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value)
        {
            if (value is TrainingStepEvent told && told.Step.Step == step)
                stop.Cancel();
        }
    }
}
