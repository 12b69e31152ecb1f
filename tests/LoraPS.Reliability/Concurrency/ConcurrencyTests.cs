namespace LoraPS.Reliability.Concurrency;

/// <summary>The short version.</summary>
public sealed class ConcurrencyTests
{
    [Fact]
    public void Runs_that_meet_are_right_or_refused() => Assert.Empty(ConcurrencyTrials.Run(rounds: 3).Failures);
}
