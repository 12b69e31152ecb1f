using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Sampling;

namespace LoraPS.Engine.Tests.Sampling;

public sealed class SigmaScheduleTests : IDisposable
{
    private readonly NoiseSchedule _noise = new();
    private readonly SigmaSchedule _schedule;

    public SigmaScheduleTests() => _schedule = new(_noise);

    [Theory]
    [InlineData(SigmaSpacing.Even)]
    [InlineData(SigmaSpacing.Karras)]
    [InlineData(SigmaSpacing.Leading)]
    public void Levels_fall_to_zero(SigmaSpacing spacing)
    {
        var levels = _schedule.Levels(spacing, 20);

        Assert.Equal(21, levels.Count);
        Assert.Equal(0, levels[^1]);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.First > pair.Second));
    }

    [Theory]
    [InlineData(SigmaSpacing.Even)]
    [InlineData(SigmaSpacing.Karras)]
    public void They_go_from_the_last_timestep_to_the_first(SigmaSpacing spacing)
    {
        var levels = _schedule.Levels(spacing, 5);

        // Stable Diffusion's own ends, as its user interfaces tell them.
        Assert.Equal(14.6146, levels[0], 3);
        Assert.Equal(0.0292, levels[^2], 4);
    }

    [Fact]
    public void Leading_levels_are_every_nth_timestep() =>
        Assert.Equal([951.0, 901, 851], _schedule.Levels(SigmaSpacing.Leading, 20).Take(3).Select(sigma => Math.Round(_schedule.TimestepOf(sigma), 6)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(417.25)]
    [InlineData(999)]
    public void A_level_leads_back_to_its_timestep(double timestep) =>
        Assert.Equal(timestep, _schedule.TimestepOf(_schedule.SigmaOf(timestep)), 6);

    [Fact]
    public void There_are_not_more_steps_than_timesteps() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _schedule.Levels(SigmaSpacing.Even, 1001));

    public void Dispose() => _noise.Dispose();
}
