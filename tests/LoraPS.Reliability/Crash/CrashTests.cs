namespace LoraPS.Reliability.Crash;

/// <summary>The short version: two kills of each kind of work.</summary>
public sealed class CrashTests
{
    public static TheoryData<string> Jobs => [.. CrashJobs.Names];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void A_killed_process_leaves_whole_files_and_the_next_run_ends_as_if_nothing_had_been(string name) =>
        Assert.Empty(CrashTrials.Run(kills: 2, seed: 1, name).Failures);
}
