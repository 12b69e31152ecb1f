using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

public class TrainingPlanTests
{
    private static readonly TrainingOptions Options = new() { DestinationPath = "x" };

    [Fact]
    public void Epochs_replace_steps()
    {
        var plan = TrainingPlan.From(Options with { MaxTrainEpochs = 10, MaxTrainSteps = 3 }, 63);
        Assert.Equal((630, 10), (plan.Steps, plan.Epochs));
    }

    [Fact]
    public void Steps_may_stop_inside_an_epoch()
    {
        var plan = TrainingPlan.From(Options, 63);
        Assert.Equal((1600, 26), (plan.Steps, plan.Epochs));
        Assert.Equal((25, 24), (plan.EpochOf(1599), plan.BatchOf(1599)));
    }
}
