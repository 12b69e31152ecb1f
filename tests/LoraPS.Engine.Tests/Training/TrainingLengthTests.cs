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
        Assert.Equal((25, 24), (length.EpochOf(1599), length.BatchOf(1599)));
    }
}
