namespace LoraPS.Reliability.LongRuns;

/// <summary>The short version.</summary>
public sealed class LongRunTests
{
    [Fact]
    public void Tensors_do_not_become_more_and_memory_stays_where_it_is() => Assert.Empty(LongRunTrials.Run(steps: 200, merges: 120, plot: false).Failures);
}
