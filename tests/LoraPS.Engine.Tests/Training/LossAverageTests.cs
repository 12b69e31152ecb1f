using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

public class LossAverageTests
{
    [Fact]
    public void Later_epochs_take_the_places_of_the_first()
    {
        var average = new LossAverage();
        Assert.True(double.IsNaN(average.Value));
        average.Add(0, 1);
        average.Add(1, 2);
        Assert.Equal(1.5, average.Value);
        average.Add(0, 5);
        Assert.Equal(3.5, average.Value);
        average.Add(1, 5);
        Assert.Equal(5, average.Value);
    }

    [Fact]
    public void It_goes_on_from_what_was_kept()
    {
        var average = new LossAverage();
        average.Add(0, 1);
        var resumed = new LossAverage(average.Losses);
        resumed.Add(1, 3);
        Assert.Equal(2, resumed.Value);
    }
}
