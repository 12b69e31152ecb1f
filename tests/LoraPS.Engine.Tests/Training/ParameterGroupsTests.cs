using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Tests.Lora;
using LoraPS.Engine.Training;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

public class ParameterGroupsTests
{
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, LearningRateCase.All("sd1").Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Groups_equal_the_reference(int index)
    {
        var expected = LearningRateCase.All("sd1")[index];
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        using var network = LoraNetwork.Create(unet, text, expected.Network, seed: 1);
        var groups = ParameterGroups.Of(network, Options(expected));

        Assert.Equal(expected.Groups.Select(group => group.Description), groups.Select(group => group.Description));
        Assert.All(expected.Groups.Zip(groups), pair =>
        {
            Assert.Equal(pair.First.LearningRate, pair.Second.LearningRate, 1e-12 * pair.First.LearningRate);
            Assert.Equal(pair.First.Modules.SelectMany(Keys), pair.Second.Parameters.Select(parameter => parameter.Name));
            Assert.All(pair.Second.Parameters, parameter => Assert.Equal(pair.Second.LearningRate, parameter.LearningRate));
        });
    }

    private static TrainingOptions Options(LearningRateCase expected) => new()
    {
        DestinationPath = "unused",
        Network = expected.Network,
        LearningRate = expected.Rate("default_lr")!.Value,
        UNetLearningRate = expected.Rate("unet_lr"),
        TextEncoderLearningRate = expected.Rate("text_encoder_lr"),
        LoraPlus = new()
        {
            Ratio = expected.Argument("loraplus_lr_ratio"),
            UNetRatio = expected.Argument("loraplus_unet_lr_ratio"),
            TextEncoderRatio = expected.Argument("loraplus_text_encoder_lr_ratio"),
        },
    };

    private static string[] Keys(string module) => module.Split(' ') switch
    {
        [var name, var half] => [$"{name}.lora_{half}.weight"],
        _ => [$"{module}.lora_down.weight", $"{module}.lora_up.weight"],
    };
}
