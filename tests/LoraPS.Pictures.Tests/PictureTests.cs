using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.ToyModel.Judging;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Pictures.Tests;

/// <summary>What LoRAs do, judged by pictures: each score is over 32 seeds.</summary>
public sealed class PictureTests(TrainedZorbs zorbs) : IClassFixture<TrainedZorbs>
{
    [Fact]
    public void A_lora_teaches_a_concept_that_the_model_has_never_seen()
    {
        Assert.InRange(zorbs.Base.Zorb, 0, 0.1);
        Assert.InRange(zorbs.Adapted.Zorb, 0.5, 1);
    }

    [Fact]
    public void Other_prompts_stay_as_good() => Assert.InRange(zorbs.Adapted.World, zorbs.Base.World - 0.04, 1);

    [Fact]
    public void Half_the_ratio_lies_between()
    {
        using Tensor alone = zorbs.Pictures(), half = zorbs.Pictures(new LoraSource(zorbs.Lora, 0.5)), full = zorbs.Pictures(new LoraSource(zorbs.Lora));

        Assert.InRange(Distance(alone, half), 0.01, Distance(alone, full));
        Assert.InRange(Distance(half, full), 0.01, Distance(alone, full));
    }

    [Fact]
    public void Blocks_at_zero_give_the_pictures_of_the_model_alone()
    {
        using var alone = zorbs.Pictures();
        using var silent = zorbs.Pictures(new LoraSource(zorbs.Lora, Blocks: PictureJury.NoBlocks));

        Assert.True(alone.eq(silent).all().item<bool>());
    }

    [Theory]
    [InlineData(SafetensorsDType.F32, 0.001)]
    [InlineData(SafetensorsDType.F16, 0.02)]
    public void Merged_into_the_model_it_makes_the_same_pictures(SafetensorsDType type, double distance)
    {
        var path = zorbs.File($"merged-{type}");
        CheckpointFuser.Merge(TrainedZorbs.Model, [new LoraSource(zorbs.Lora)], path, new() { SaveDType = type });
        using var jury = new PictureJury(path);
        using var merged = jury.Paint(PictureJury.ZorbPrompts);
        using var attached = zorbs.Pictures(new LoraSource(zorbs.Lora));

        Assert.InRange(Distance(merged, attached), 0, distance);
        Assert.InRange(PictureJury.ZorbScore(merged), zorbs.Adapted.Zorb - 0.02, 1);
    }

    [Fact]
    public void A_merge_by_svd_keeps_the_concept()
    {
        var sum = LoraMerger.Merge([new(zorbs.Lora, 0.5), new(zorbs.Lora, 0.5)], zorbs.File("svd.safetensors"), new() { Method = "Svd", Numbers = new() { Rank = ZorbTraining.Rank } });

        Assert.InRange(zorbs.Zorb(new LoraSource(sum.Path)), zorbs.Adapted.Zorb - 0.02, 1);
    }

    [Fact]
    public void Half_the_rank_keeps_most_of_the_concept()
    {
        var resized = LoraResizer.Resize(zorbs.Lora, zorbs.File("half.safetensors"), new() { Rank = ZorbTraining.Rank / 2 });

        Assert.InRange(zorbs.Zorb(new LoraSource(resized.Path)), zorbs.Adapted.Zorb - 0.15, 1);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    public void A_dylora_cut_to_lower_ranks_keeps_the_concept_and_the_rest_of_the_world(int rank)
    {
        var cut = DyLoraSplitter.Split(zorbs.DyLora, zorbs.File("cut.safetensors"), new() { Ranks = [rank] }).Single();
        var (whole, part) = (zorbs.DyLoraScores, zorbs.Jury.Judge(new LoraSource(cut.Path)));

        Assert.InRange(whole.Zorb, 0.5, 1);
        Assert.InRange(part.Zorb, whole.Zorb - 0.1, 1);
        Assert.InRange(part.World, zorbs.Base.World - 0.1, 1);
    }

    /// <summary>Mean distance of pixels, of which black and white are 2 apart.</summary>
    private static double Distance(Tensor first, Tensor second)
    {
        using var scope = NewDisposeScope();
        return (first - second).abs().mean().item<float>();
    }
}
