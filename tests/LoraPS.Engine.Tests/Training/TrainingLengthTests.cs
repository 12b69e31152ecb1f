using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

public class TrainingLengthTests
{
    private static readonly TrainingOptions Options = new() { DestinationPath = "x" };

    [Fact]
    public void Epochs_replace_steps()
    {
        var length = TrainingLength.From(Options with { MaxTrainEpochs = 10, MaxTrainSteps = 3 }, 63);
        Assert.Equal((630, 10), (length.Steps, length.Epochs));
    }

    [Fact]
    public void Steps_may_stop_inside_an_epoch()
    {
        var length = TrainingLength.From(Options, 63);
        Assert.Equal((1600, 26), (length.Steps, length.Epochs));
        Assert.Equal(25, length.EpochOf(1599));
        Assert.Equal([24], length.BatchesOf(1599));
    }

    [Fact]
    public void Two_batches_a_step_halve_the_steps_of_an_epoch_and_its_last_step_has_what_is_left()
    {
        var length = TrainingLength.From(Options with { MaxTrainEpochs = 10, GradientAccumulationSteps = 2 }, 63);
        Assert.Equal((320, 32, 10), (length.Steps, length.StepsPerEpoch, length.Epochs));
        Assert.Equal([0, 1], length.BatchesOf(32));
        Assert.Equal([60, 61], length.BatchesOf(30));
        Assert.Equal([62], length.BatchesOf(31));
    }
}
