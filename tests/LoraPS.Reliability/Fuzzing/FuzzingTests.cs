using LoraPS.Engine.Tests;

namespace LoraPS.Reliability.Fuzzing;

/// <summary>The short version: a hundredth of the inputs, and every input that ever broke a promise.</summary>
public sealed class FuzzingTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Any_input_is_read_or_refused_in_little_time_and_memory(string name)
    {
        using var network = new NetworkWatch();
        var target = FuzzTargets.Find(name);
        using var session = new FuzzSession(target, seed: 1);
        for (var index = 0; index < target.Inputs / 100; index++)
            session.Try(index);
        Assert.True(session.Failures.Count == 0, string.Join(Environment.NewLine, session.Failures));
        Assert.Equal(0, network.Uses);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_once_broke_a_promise_does_not_any_more(string name)
    {
        using var session = new FuzzSession(FuzzTargets.Find(name), seed: 1);
        var folder = Path.Combine(AppContext.BaseDirectory, "Corpus", name);
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [])
            session.Try(File.ReadAllBytes(path), path);
        Assert.True(session.Failures.Count == 0, string.Join(Environment.NewLine, session.Failures));
    }
}
