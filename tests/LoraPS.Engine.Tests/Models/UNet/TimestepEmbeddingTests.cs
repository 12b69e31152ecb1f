using LoraPS.Engine.Models.UNet;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.UNet;

public class TimestepEmbeddingTests
{
    [Fact]
    public void The_first_half_are_cosines_and_the_second_sines_of_falling_frequencies()
    {
        using var timesteps = tensor(new long[] { 0, 1, 999 });
        using var sinusoid = TimestepEmbedding.Sinusoid(timesteps, 8);
        var values = sinusoid.data<float>().ToArray();
        for (var row = 0; row < 3; row++)
        {
            var time = new[] { 0.0, 1, 999 }[row];
            for (var i = 0; i < 4; i++)
            {
                var angle = time * Math.Pow(10_000, -i / 4.0);
                Assert.Equal(Math.Cos(angle), values[(row * 8) + i], 2e-4);
                Assert.Equal(Math.Sin(angle), values[(row * 8) + 4 + i], 2e-4);
            }
        }
    }
}
