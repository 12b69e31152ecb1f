using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Which files a run leaves behind; names and numbers of sd-scripts 48d368fa.</summary>
public sealed class SavingTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    [Fact]
    public void Only_the_last_epochs_are_kept()
    {
        var result = Train(options => options with { MaxTrainEpochs = 6, SaveEveryEpochs = 1, SaveLastEpochs = 2 });
        Assert.Equal(["cat-000004.safetensors", "cat-000005.safetensors", "cat.safetensors"], _folder.Entries);
        Assert.Equal(["cat-000004.safetensors", "cat-000005.safetensors"], result.SavedPaths.Select(Path.GetFileName));
    }

    /// <summary>train_network.py: saving every step and keeping the last 2 leaves the files that are at most 2 steps old.</summary>
    [Fact]
    public void Only_LoRAs_of_the_last_steps_are_kept()
    {
        Train(options => options with { SaveEverySteps = 1, SaveLastSteps = 2 });
        Assert.Equal(
            ["cat-step00000003.safetensors", "cat-step00000004.safetensors", "cat-step00000005.safetensors", "cat.safetensors"], _folder.Entries);
    }

    /// <summary>The example of the reference's documentation: every 10, last 30, at 50 file 10 goes.</summary>
    [Theory]
    [InlineData(10, 30, 50, 10)]
    [InlineData(100, 300, 500, 100)]
    [InlineData(100, 200, 500, 200)]
    [InlineData(100, 200, 200, null)]
    public void Steps_to_remove_equal_the_reference(int every, int last, int step, int? removed)
    {
        var options = _folder.Options() with { MaxTrainSteps = 1000, SaveEverySteps = every, SaveLastSteps = last };
        Assert.Equal(removed, SaveRetention.OutdatedStep(step, every, options.SaveLastSteps));
    }

    [Fact]
    public void States_are_kept_beside_their_LoRAs_and_have_a_retention_of_their_own()
    {
        Train(options => options with { MaxTrainEpochs = 4, SaveEveryEpochs = 1, SaveLastEpochStates = 1, SaveState = true });
        Assert.Equal(
            ["cat-000001.safetensors", "cat-000002.safetensors", "cat-000003.safetensors", "cat-000003.state.safetensors", "cat.safetensors", "cat.state.safetensors"],
            _folder.Entries);
    }

    [Fact]
    public void A_run_can_be_taken_up_from_any_state_that_was_kept()
    {
        Train(options => options with { MaxTrainEpochs = 4, SaveEveryEpochs = 1, SaveState = true });
        var whole = _folder.Hashes();
        Train(options => options with
        {
            MaxTrainEpochs = 4, SaveEveryEpochs = 1, SaveState = true, Overwrite = true, ResumePath = _folder["cat-000002.state.safetensors"],
        });
        Assert.Equal(whole, _folder.Hashes());
    }

    /// <summary>Number of the reference's documentation: 4 saves in 26 epochs is one every 6.</summary>
    [Fact]
    public void A_ratio_counts_saves_instead_of_epochs()
    {
        var plan = LoraTrainer.Plan(_folder.Model, _folder.Dataset(), _folder.Options() with { MaxTrainEpochs = 26, SaveEpochRatio = 4 });
        Assert.Equal(
            ["cat-000006.safetensors", "cat-000012.safetensors", "cat-000018.safetensors", "cat-000024.safetensors", "cat.safetensors"],
            plan.Paths.Select(Path.GetFileName));
    }

    [Fact]
    public void What_a_killed_run_left_half_written_is_cleared_away()
    {
        File.WriteAllText(_folder[".cat-000001.safetensors.abc.tmp"], "half");
        File.WriteAllText(_folder[".dog.safetensors.abc.tmp"], "another run's");
        using (new FileStream(_folder[".cat.safetensors.def.tmp"], FileMode.CreateNew, FileAccess.Write, FileShare.None))
            Train(options => options with { MaxTrainSteps = 1 });
        Assert.Equal([".cat.safetensors.def.tmp", ".dog.safetensors.abc.tmp", "cat.safetensors"], _folder.Entries);
    }

    public void Dispose() => _folder.Dispose();

    private TrainingResult Train(Func<TrainingOptions, TrainingOptions> change) =>
        LoraTrainer.Train(_folder.Model, _folder.Dataset(), change(_folder.Options()));
}
