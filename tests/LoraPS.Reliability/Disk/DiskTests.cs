namespace LoraPS.Reliability.Disk;

/// <summary>The short version; the small disk needs root, the limit does not.</summary>
public sealed class DiskTests
{
    [Fact]
    public void Without_room_to_write_there_is_a_clear_error_and_the_older_result_stays() =>
        Assert.Empty(DiskTrials.Run(shares: 4, ["svd", "folder", "train"], []).Failures);

    [Fact]
    public void An_input_that_vanishes_is_told_and_the_older_result_stays() =>
        Assert.Empty(DiskTrials.Run(shares: 1, [], VanishedInputs.Kinds).Failures);
}
