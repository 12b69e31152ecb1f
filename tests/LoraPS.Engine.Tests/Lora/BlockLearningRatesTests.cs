using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests.Lora;

public class BlockLearningRatesTests
{
    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var model in new[] { "sd1", "sdxl" })
            {
                for (var i = 0; i < LearningRateCase.All(model).Count; i++)
                    cases.Add(model, i);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weights_equal_the_reference(string model, int index)
    {
        var expected = LearningRateCase.All(model)[index];
        var weights = expected.Network.BlockLearningRates?.Weights(model == "sd1" ? TrainingBlocks.StableDiffusion : TrainingBlocks.Sdxl);
        Assert.Equal(expected.BlockWeights?.Count, weights?.Count);
        Assert.All((weights ?? []).Zip(expected.BlockWeights ?? []), pair => Assert.Equal(pair.Second, pair.First, 1e-12));
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("sinus")]
    [InlineData("sine+much")]
    [InlineData("1,2,x")]
    public void What_is_no_list_and_no_curve_is_refused(string text)
    {
        var error = Assert.Throws<ArgumentException>(() => new BlockLearningRates { Up = text }.Weights(TrainingBlocks.StableDiffusion));
        Assert.Equal("Up", error.ParamName);
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.5,0.25", "the rest is 1", 2)]
    [InlineData("1,1,1,1,1,1,1,1,1,1,1,1,0", "the rest is not used", 13)]
    public void A_list_of_another_length_is_told(string text, string expected, int count)
    {
        var events = new List<EngineEvent>();
        var weights = new BlockLearningRates { Down = text }.Weights(TrainingBlocks.StableDiffusion, new Collector(events));
        Assert.Equal(25, weights.Count);
        Assert.Equal(1, weights[11]);
        var warning = Assert.IsType<WarningEvent>(Assert.Single(events));
        Assert.Equal($"Down has {count} learning rate weights '{text}' for 12 blocks; {expected}.", warning.Message);
    }

    [Theory]
    [InlineData("lora_unet_input_blocks_4_1_proj_in", 5)]
    [InlineData("lora_unet_middle_block_1_proj_in", 11)]
    [InlineData("lora_unet_output_blocks_0_1_proj_in", 13)]
    [InlineData("lora_te1_text_model_encoder_layers_0_mlp_fc1", null)]
    public void Blocks_of_the_XL_model_are_found(string name, int? block) => Assert.Equal(block, TrainingBlocks.Sdxl.IndexOf(name));

    private sealed class Collector(List<EngineEvent> events) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value) => events.Add(value);
    }
}
