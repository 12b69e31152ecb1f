using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

public class LoraTargetsTests
{
    [Theory]
    [InlineData("lierla")]
    [InlineData("c3lier")]
    [InlineData("blocks")]
    public void Names_order_ranks_and_shapes_equal_the_reference(string name)
    {
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        var found = LoraTargets.Find(unet, text, TinyNetworks.Options(name)).Select(target => new TinyNetworks.ExpectedModule(
            target.Name, target.Rank, target.Alpha, string.Join(',', target.DownShape), string.Join(',', target.UpShape)));
        Assert.Equal(TinyNetworks.Expected(name), found);
    }

    [Theory]
    [InlineData("sd15.lora.lierla.r16", null)]
    [InlineData("sd15.lora.c3lier.r16c8", 8)]
    public void Files_of_the_full_size_model_hold_the_tensors_of_the_reference(string list, int? convRank)
    {
        using var scope = NewDisposeScope();
        using var unet = new UNet2DConditionModel(UNetConfig.V15, META);
        using var text = new ClipTextModel(ClipTextConfig.V15, META);
        using var network = LoraNetwork.Create(unet, text, new() { Rank = 16, ConvRank = convRank }, seed: 1);
        var lines = network.ToStateDict(SafetensorsDType.F32).Select(pair => $"{pair.Key}\t{string.Join(',', pair.Value.shape)}");
        Assert.Equal(File.ReadLines(TestFiles.Fixture($"keys/{list}.tsv")), lines.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true, false, ModelPart.UNet)]
    [InlineData(false, true, ModelPart.TextEncoder)]
    public void A_part_that_is_not_trained_is_not_reached(bool trainUNet, bool trainText, ModelPart only)
    {
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        var targets = LoraTargets.Find(unet, text, new() { TrainUNet = trainUNet, TrainTextEncoder = trainText });
        Assert.All(targets, target => Assert.Equal(only, target.Part));
        Assert.Equal(TinyNetworks.Expected("lierla").Count(m => m.Name.StartsWith(trainUNet ? "lora_unet" : "lora_te", StringComparison.Ordinal)), targets.Count);
    }

    [Fact]
    public void Alpha_zero_means_the_rank()
    {
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        var targets = LoraTargets.Find(unet, text, new() { Rank = 3, Alpha = 0, ConvRank = 2, ConvAlpha = 0 });
        Assert.All(targets, target => Assert.Equal(target.Rank, target.Alpha));
    }

    [Theory]
    [InlineData(23, 25, nameof(LoraOptions.BlockRanks))]
    [InlineData(25, 26, nameof(LoraOptions.ConvBlockAlphas))]
    public void A_list_of_another_length_than_the_model_has_blocks_is_refused_with_the_right_length(int ranks, int convAlphas, string option)
    {
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        var options = new LoraOptions { BlockRanks = new int[ranks], ConvBlockAlphas = new double[convAlphas] };
        var error = Assert.Throws<ArgumentException>(() => LoraTargets.Find(unet, text, options));
        Assert.Equal(option, error.ParamName);
        Assert.Contains("expected 25, one for each block of this model's U-Net: 12 down, 1 in the middle and 12 up.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_alphas_counts_without_a_list_of_ranks()
    {
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        var alphas = Enumerable.Range(1, 25).Select(i => (double)i).ToList();
        var targets = LoraTargets.Find(unet, text, new() { Rank = 4, Alpha = 0.5, BlockAlphas = alphas });
        Assert.All(targets, target => Assert.Equal((4, target.Block is { } block ? block + 1 : 0.5), (target.Rank, target.Alpha)));
    }
}
