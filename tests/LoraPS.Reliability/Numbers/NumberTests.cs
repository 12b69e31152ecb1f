namespace LoraPS.Reliability.Numbers;

/// <summary>All of the trials; they are short.</summary>
public sealed class NumberTests
{
    [Fact]
    public void Numbers_that_are_not_finite_are_found_and_named_wherever_they_are() => Assert.Empty(NumberTrials.Run().Failures);
}
