using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

public class NetworkArgumentsTests
{
    [Fact]
    public void Settings_are_named_as_on_the_command_line_of_the_reference()
    {
        var options = new TrainingOptions
        {
            DestinationPath = "unused",
            Network = new() { ConvRank = 2, BlockAlphas = [1, 0.5], BlockLearningRates = new() { Down = "sine+0.25", ZeroThreshold = 0.1 } },
            LoraPlus = new() { UNetRatio = 4 },
        };
        const string expected = """
            {"conv_dim":"2","conv_alpha":"1.0","block_alphas":"1.0,0.5","down_lr_weight":"sine+0.25","block_lr_zero_threshold":"0.1","loraplus_unet_lr_ratio":"4.0"}
            """;
        Assert.Equal(expected, NetworkArguments.Of(options));
    }

    [Fact]
    public void Defaults_are_not_named() => Assert.Null(NetworkArguments.Of(new() { DestinationPath = "unused" }));
}
