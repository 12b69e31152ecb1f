using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests.Runtime;

public class CounterRandomTests
{
    [Fact]
    public void The_generator_is_Philox_4x32_10()
    {
        // Known answer of the Random123 distribution for key 0 and counter 0.
        var random = new CounterRandom(0, default);
        uint[] expected = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
        Assert.Equal(expected, Enumerable.Range(0, 4).Select(_ => random.NextUInt32()));
    }

    [Fact]
    public void The_same_name_gives_the_same_sequence_and_another_name_another()
    {
        Assert.Equal(Draw(7, RandomPurpose.Noise, 2, 3), Draw(7, RandomPurpose.Noise, 2, 3));
        var others = new[]
        {
            Draw(8, RandomPurpose.Noise, 2, 3), Draw(7, RandomPurpose.Timestep, 2, 3),
            Draw(7, RandomPurpose.Noise, 1, 3), Draw(7, RandomPurpose.Noise, 2, 4), Draw(7L + (1L << 32), RandomPurpose.Noise, 2, 3),
        };
        Assert.All(others, other => Assert.NotEqual(Draw(7, RandomPurpose.Noise, 2, 3), other));
    }

    [Fact]
    public void Integers_cover_their_range_evenly()
    {
        var random = new CounterRandom(1, RandomPurpose.Order);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
            counts[random.NextInt(7)]++;
        // Standard deviation of a count is about 93.
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Fact]
    public void Normal_numbers_have_mean_0_and_variance_1_and_normal_tails()
    {
        using var numbers = new CounterRandom(1, RandomPurpose.Noise).Normal(100_000);
        Assert.Equal(0, numbers.mean().item<float>(), 0.015);
        Assert.Equal(1, numbers.var().item<float>(), 0.02);
        Assert.Equal(0.0455, (numbers.abs() > 2).to_type(TorchSharp.torch.ScalarType.Float32).mean().item<float>(), 0.003);
    }

    [Fact]
    public void Shuffling_keeps_the_items_and_reaches_every_order()
    {
        var orders = Enumerable.Range(0, 200).Select(item =>
        {
            var items = new List<char>("abc");
            new CounterRandom(5, RandomPurpose.Order, 0, item).Shuffle(items);
            return string.Concat(items);
        }).ToHashSet();
        Assert.Equal(["abc", "acb", "bac", "bca", "cab", "cba"], orders.Order());
    }

    private static uint[] Draw(long seed, RandomPurpose purpose, int epoch, int item)
    {
        var random = new CounterRandom(seed, purpose, epoch, item);
        return [.. Enumerable.Range(0, 8).Select(_ => random.NextUInt32())];
    }
}
