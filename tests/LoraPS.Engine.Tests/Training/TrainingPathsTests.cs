using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

public class TrainingPathsTests
{
    [Theory]
    [InlineData("cat.safetensors")]
    [InlineData("cat")]
    public void Names_follow_the_reference(string destination)
    {
        var paths = new TrainingPaths(destination);
        Assert.Equal(Path.GetFullPath("cat.safetensors"), paths.Final);
        Assert.Equal(Path.GetFullPath("cat.state.safetensors"), paths.State);
        Assert.Equal(Path.GetFullPath("cat-000002.safetensors"), paths.Epoch(2));
        Assert.Equal(Path.GetFullPath("cat-step00000100.safetensors"), paths.Step(100));
        Assert.Equal("cat", paths.Name);
    }

    [Fact]
    public void A_dot_in_the_name_is_no_extension() => Assert.Equal("cat.v1.2", new TrainingPaths("cat.v1.2").Name);
}
